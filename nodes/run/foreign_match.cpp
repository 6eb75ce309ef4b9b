#include "nodes/run/foreign_match.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "io/text.h"
#include "nodes/run/weight_names.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::array kNames = {WeightNames::torchvision, WeightNames::layers};

std::string title(const Net& net) { return net.name + " '" + net.variant + "'"; }

std::optional<std::size_t> find_tensor(const io::ForeignWeights& weights, std::string_view name) {
  const auto found = std::ranges::find(weights.tensors, name, &io::TensorSpec::name);
  if (found == weights.tensors.end()) return std::nullopt;
  return static_cast<std::size_t>(found - weights.tensors.begin());
}

// The names that the file goes by.
WeightNames names_in(const io::ForeignWeights& weights, const Net& net) {
  std::array<std::size_t, kNames.size()> known{};
  for (const ParameterInfo& parameter : parameters(net)) {
    for (std::size_t i = 0; i < kNames.size(); ++i)
      known[i] += find_tensor(weights, weight_name(net, parameter, kNames[i])) ? 1U : 0U;
  }
  return known[1] > known[0] ? kNames[1] : kNames[0];
}

std::string listed_tensors(const io::ForeignWeights& weights) {
  std::vector<std::string> names;
  for (const io::TensorSpec& tensor : weights.tensors) names.push_back(io::one_line(tensor.name));
  return io::listed(names);
}

std::size_t require_tensor(const io::ForeignWeights& weights, const Net& net,
                           const ParameterInfo& parameter, WeightNames names) {
  const std::string name = weight_name(net, parameter, names);
  const auto found = find_tensor(weights, name);
  require(found.has_value(), "{} has no {} ({}), which {} needs; it has {}", weights.file, name,
          parameter.shape.text(), title(net), listed_tensors(weights));
  return *found;
}

Shape without_leading_ones(const Shape& shape, std::size_t rank) {
  auto begin = shape.sizes().begin();
  while (static_cast<std::size_t>(shape.sizes().end() - begin) > rank && *begin == 1) ++begin;
  return Shape(std::vector<std::int64_t>(begin, shape.sizes().end()));
}

}  // namespace

std::vector<std::size_t> match_weights(const io::ForeignWeights& weights, const Net& net) {
  const WeightNames names = names_in(weights, net);
  std::vector<std::size_t> tensors;
  for (const ParameterInfo& parameter : parameters(net)) {
    const std::size_t index = require_tensor(weights, net, parameter, names);
    const Shape& shape = weights.tensors[index].shape;
    require(without_leading_ones(shape, parameter.shape.rank()) == parameter.shape,
            "{}: {} has shape {}, {} needs {}; another --variant, --width or --classes may fit",
            weights.file, io::one_line(weights.tensors[index].name), shape.text(), title(net),
            parameter.shape.text());
    tensors.push_back(index);
  }
  const std::set<std::size_t> taken(tensors.begin(), tensors.end());
  for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
    require(taken.contains(i), "{} has {} ({}), which {} does not have; another --variant may fit",
            weights.file, io::one_line(weights.tensors[i].name), weights.tensors[i].shape.text(),
            title(net));
  }
  return tensors;
}

int classes_in(const io::ForeignWeights& weights, const Net& net) {
  const ParameterInfo last = parameters(net).back();
  const std::size_t index = require_tensor(weights, net, last, names_in(weights, net));
  const std::int64_t classes = weights.tensors[index].shape.elements();
  require(classes >= 2 && classes <= 100'000, "{}: {} has {} values; valid: 2 to 100000 classes",
          weights.file, io::one_line(weights.tensors[index].name), classes);
  return static_cast<int>(classes);
}

std::vector<float> read_parameter(const io::ForeignWeights& weights, std::size_t tensor,
                                  const Net& net, const ParameterInfo& parameter) {
  std::vector<float> values(static_cast<std::size_t>(parameter.shape.elements()));
  weights.read(tensor, values);
  const bool colours = weights.colours == io::ColourOrder::bgr && net.channels == 3 &&
                       parameter.layer == parameters(net).front().layer &&
                       parameter.role == ParameterRole::weights;
  if (!colours) return values;
  const auto plane = static_cast<std::size_t>(parameter.shape[2] * parameter.shape[3]);
  for (std::size_t at = 0; at < values.size(); at += 3 * plane) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at);
    const auto step = static_cast<std::ptrdiff_t>(plane);
    std::swap_ranges(begin, begin + step, begin + 2 * step);
  }
  return values;
}

}  // namespace sluice::nodes
