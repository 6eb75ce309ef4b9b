#include "nodes/run/input_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "augment/mean_rgb.h"
#include "io/statistics_text.h"
#include "nodes/chain_parameters.h"
#include "nodes/mean.h"
#include "nodes/scale.h"

namespace sluice::nodes {
namespace {

// The geometry that says itself: where nothing but these and colours stands in a chain, words do.
constexpr std::array<std::string_view, 5> kGeometry = {"rescale", "resize", "centre-crop",
                                                       "random-crop", "pad"};

std::optional<std::array<double, 3>> mean_of(const ChainParameters& given,
                                             const Statistics& statistics) {
  const std::string from =
      given.word("from", {"image", "rgb", "authors", "vgg", "constant", "none"});
  if (from == "image") return std::nullopt;
  if (from == "rgb") return statistics.mean_rgb;
  if (from == "authors") return augment::alexnet_authors_mean();
  if (from == "vgg") return augment::vgg_authors_mean();
  std::array<double, 3> mean{};
  if (from == "constant") mean.fill(given.real("value"));
  return mean;
}

double divisor_of(const ChainParameters& given, const Statistics& statistics, std::size_t colour) {
  const double divisor = given.real("divisor");
  return Scale::by_deviation(given) ? divisor * std::sqrt(statistics.covariance[colour][colour])
                                    : divisor;
}

// Adds an entry to what stands before it: value -> (value - mean) / deviation.
bool add(const io::ChainEntry& entry, const Statistics& statistics, InputColours& colours) {
  if (entry.node == "mean") {
    const auto mean = mean_of(ChainParameters(entry, kMeanInfo), statistics);
    if (!mean) return false;
    for (std::size_t c = 0; c < 3; ++c) colours.mean[c] += (*mean)[c] * colours.deviation[c];
    return true;
  }
  if (entry.node == "scale") {
    const ChainParameters given(entry, Scale::info);
    for (std::size_t c = 0; c < 3; ++c) colours.deviation[c] *= divisor_of(given, statistics, c);
    return true;
  }
  return std::ranges::find(kGeometry, entry.node) != kGeometry.end();
}

std::string numbers(const std::array<double, 3>& values, int channels) {
  return fmt::format("{:.6g}", fmt::join(values.begin(), values.begin() + channels, " "));
}

}  // namespace

std::optional<InputColours> input_colours(std::span<const io::ChainEntry> chain,
                                          const Statistics& statistics) {
  InputColours colours;
  for (const io::ChainEntry& entry : chain)
    if (entry.use && !add(entry, statistics, colours)) return std::nullopt;
  return colours;
}

std::map<std::string, std::string> model_words(const io::WeightsInfo& info, const Net& net) {
  const std::string_view colours = net.channels == 3 ? "red, green, blue" : "grey";
  std::map<std::string, std::string> words = {
      {"net", info.net},
      {"variant", info.variant},
      {"classes", io::names_text(info.classes)},
      {"input_chain", info.input_chain},
      {"input",
       fmt::format("f32, images x {} ({}) x {} x {}", net.channels, colours, net.side, net.side)}};
  const auto chain = io::chain_from_toml(info.input_chain, "the weights' input chain");
  const auto affine = input_colours(chain, info.statistics);
  if (!affine) {
    words["preprocessing"] =
        "what input_chain says, in its order; a mean image stands in the weights as "
        "statistics.mean_image";
    return words;
  }
  words["mean"] = numbers(affine->mean, net.channels);
  words["deviation"] = numbers(affine->deviation, net.channels);
  words["preprocessing"] =
      "geometry as input_chain says, then (value - mean) / deviation of values 0 to 255";
  return words;
}

}  // namespace sluice::nodes
