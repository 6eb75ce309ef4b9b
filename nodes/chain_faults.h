// Everything that is wrong with a recipe's chain, found together.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "nodes/chain_uses.h"

namespace sluice::nodes {

// Unknown nodes and parameters (with the nearest name), types, ranges, groups, what a node's own
// check() says, crops larger than what reaches them, and nodes that take bytes behind one that
// makes floats. Each with its place in the file where it comes from one. `table`: what the chain is
// called in the file and in the messages, "augment" or "evaluation".
std::vector<std::string> chain_faults(std::span<const io::ChainEntry> chain,
                                      std::string_view table = "augment");

// Crops larger than the shorter side that a rescale or another crop before them leaves.
std::vector<ChainFault> crop_faults(std::span<const ChainUse> uses);

}  // namespace sluice::nodes
