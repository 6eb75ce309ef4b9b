// Changes of a recipe's chain in a word: another node in a node's place, or none. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "io/recipe.h"

namespace sluice::nodes {

// Puts `with` in the place of the node that the chain calls `name`. `with` is a node of the
// catalogue, or one and a word that one of its parameters takes: "rescale-area" is rescale with
// filter = "area". Parameters that the new node has, too, and takes stay; so does a name that is
// not the old node's own. Throws Error{usage} with the nearest name.
void swap_node(std::vector<io::ChainEntry>& chain, std::string_view name, std::string_view with);

// Takes a node out, of a group also its members. Throws Error{usage} with the nearest name.
void drop_node(std::vector<io::ChainEntry>& chain, std::string_view name);

}  // namespace sluice::nodes
