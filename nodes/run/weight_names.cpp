#include "nodes/run/weight_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/vgg.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::array<std::string_view, 4> kVggs = {"A", "B", "D", "E"};

// What a layer computes, but for its width: dropout and loss, which testing does not have, are
// nothing, and so is how it is trained.
std::string word_of(const Layer& layer) {
  if (const auto* const conv = std::get_if<Conv2d>(&layer.spec)) {
    return fmt::format("conv {} {} {} {} {} {}", layer.file_name, conv->kernel, conv->stride,
                       conv->pad.before, conv->pad.after, conv->groups);
  }
  if (const auto* const pool = std::get_if<MaxPool>(&layer.spec))
    return fmt::format("pool {} {}", pool->kernel, pool->stride);
  if (std::holds_alternative<FullyConnected>(layer.spec))
    return fmt::format("fc {}", layer.file_name);
  if (std::holds_alternative<Dropout>(layer.spec) || is_loss(layer.spec)) return {};
  return layer_kind(layer.spec);
}

std::vector<std::string> words_of(const Net& net) {
  std::vector<std::string> words;
  for (const Layer& layer : net.layers) {
    std::string word = word_of(layer);
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

bool drops_vanilla(const Layer& layer) {
  const auto* const dropout = std::get_if<Dropout>(&layer.spec);
  return dropout != nullptr && dropout->scaling == Dropout::Scaling::vanilla;
}

}  // namespace

std::string weight_name(const Net& net, const ParameterInfo& parameter, WeightNames names) {
  if (names == WeightNames::torchvision) return parameter.file_name;
  return net.layers[parameter.layer].name +
         (parameter.role == ParameterRole::weights ? ".weight" : ".bias");
}

void check_in_torchvision(const Net& net) {
  const bool vgg_of_theirs =
      net.name == "vgg" && std::ranges::find(kVggs, net.variant) != kVggs.end();
  const bool owt = net.name == "alexnet" && net.variant == "owt";
  require(owt || vgg_of_theirs,
          "torchvision has no {} '{}'; valid with its names: alexnet owt, vgg A, B, D, E; any net: "
          "--names sluice",
          net.name, net.variant);
  const Net theirs = owt ? alexnet({.variant = "owt"}) : vgg({.variant = net.variant});
  const bool same = words_of(net) == words_of(theirs) && net.side == theirs.side &&
                    std::ranges::none_of(net.layers, drops_vanilla);
  require(same,
          "these weights are of a {} '{}' with options that torchvision's has not; valid: as the "
          "variant says, or --names sluice",
          net.name, net.variant);
}

}  // namespace sluice::nodes
