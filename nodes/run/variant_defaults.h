// What a net's variant says of its training and its input, as recipe keys.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/recipe.h"

namespace sluice::nodes {

// Key and value, as on a command line.
using KeyDefault = std::pair<std::string_view, std::string_view>;

// What differs from the keys' own defaults, which are AlexNet's `paper` (table in FACTS 8). Throws
// Error{usage} for an unknown net or variant, listing the valid ones.
std::vector<KeyDefault> variant_defaults(std::string_view net, std::string_view variant);

// The chain of augment nodes that a net starts from, before `variant_defaults`.
std::vector<io::ChainEntry> variant_chain(std::string_view net, std::string_view variant);

}  // namespace sluice::nodes
