// What a net wants as its input, for people and programs that have never heard of us. Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "io/recipe.h"
#include "io/weights.h"
#include "runtime/net/net.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

// (value - mean) / deviation, of values 0 to 255 in the order red, green, blue.
struct InputColours {
  std::array<double, 3> mean{};
  std::array<double, 3> deviation = {1.0, 1.0, 1.0};
};

// What a chain comes to behind its geometry, where that is one mean and one deviation a colour;
// none: it has a mean image, or nodes that do more.
std::optional<InputColours> input_colours(std::span<const io::ChainEntry> chain,
                                          const Statistics& statistics);

// "net", "variant", "classes" (a JSON list), "input", "preprocessing", "input_chain" (TOML) and,
// where they are known, "mean" and "deviation".
std::map<std::string, std::string> model_words(const io::WeightsInfo& info, const Net& net);

}  // namespace sluice::nodes
