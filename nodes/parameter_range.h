// What a published parameter takes, read from its own words. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/node.h"
#include "io/recipe.h"

namespace sluice::nodes {

// "1 to 8192" or "above 0" of `valid`; none where the words say more than that (the node's check()
// then knows).
struct ParameterRange {
  double least = 0;
  double most = 0;
  bool least_is_out = false;  // "above"
};
std::optional<ParameterRange> range_of(const graph::ParameterSpec& spec);

// "antialias, bilinear or area" of a parameter that takes a word.
std::vector<std::string> words_of(const graph::ParameterSpec& spec);

// What is wrong with a value, ending in what would be valid; none: nothing.
std::optional<std::string> fault_of(const graph::ParameterSpec& spec, const io::RecipeValue& value);

}  // namespace sluice::nodes
