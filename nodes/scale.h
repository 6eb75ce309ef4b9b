// augment::Scale as a node of the graph.
#pragma once

#include <cmath>

#include "augment/scale.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Divides every value.
struct Scale : augment::Scale {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"divisor", graph::ParameterType::real, "grey levels", "1.0", "above 0",
       "what values are divided by"},
      {"by", graph::ParameterType::word, "", "\"divisor\"", "divisor or deviation",
       "deviation: also by the training images' deviation of each channel"},
      {"when", graph::ParameterType::word, "", "\"always\"", "always or training",
       "training: not when the net is tested (the authors' code)"}};
  static constexpr graph::NodeInfo info{.name = "scale",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "divides every value",
                                        .parameters = kParameters};

  static bool by_deviation(const ChainParameters& given) {
    return given.word("by", {"divisor", "deviation"}) == "deviation";
  }
  static bool idle(const ChainParameters& given) {
    return given.real("divisor") == 1.0 && !by_deviation(given);
  }
  static StatisticsNeed needs(const ChainParameters& given) {
    return {.covariance = by_deviation(given)};
  }
  static std::vector<io::ChainEntry> tested(const io::ChainEntry& entry) {
    if (ChainParameters(entry, info).word("when", {"always", "training"}) == "training") return {};
    return {entry};
  }
};
static_assert(graph::AugmentNode<Scale>);

inline Scale scale_from(const ChainParameters& given, const Statistics& statistics) {
  Scale node;
  node.divisor = given.real("divisor");
  if (Scale::by_deviation(given)) {
    for (std::size_t channel = 0; channel < 3; ++channel)
      node.deviations[channel] = std::sqrt(statistics.covariance[channel][channel]);
  }
  (void)given.word("when", {"always", "training"});
  return node;
}

}  // namespace sluice::nodes
