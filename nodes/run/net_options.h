// The net.* keys of a recipe as the options of a net.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/recipe.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// The variants of "alexnet", "vgg" or "lenet5". Throws Error{usage} for another net.
std::vector<std::string> net_variants(std::string_view net);

// What a command line without a variant means: paper, A, modern.
std::string default_variant(std::string_view net);

// The net that the net.* keys and train.init describe, its shapes checked. Throws Error{usage} that
// names the key and what would be valid: also for a key that says something the net has no choice
// about.
Net net_from(const io::Recipe& recipe, int classes);

}  // namespace sluice::nodes
