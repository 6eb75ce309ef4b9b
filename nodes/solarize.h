// augment::Solarize as a node of the graph.
#pragma once

#include "augment/solarize.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Negatives of what is bright.
struct Solarize : augment::Solarize {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"threshold", graph::ParameterType::real, "grey levels", "128.0", "0 to 256",
       "least threshold"},
      {"threshold_to", graph::ParameterType::real, "grey levels", "128.0", "0 to 256",
       "greatest threshold; 256: nothing is inverted"}};
  static constexpr graph::NodeInfo info{.name = "solarize",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "inverts values from a threshold on",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Solarize>);

inline Solarize solarize_from(const ChainParameters& given) {
  Solarize node;
  node.threshold = given.real("threshold");
  node.threshold_to = given.real("threshold_to");
  return node;
}

}  // namespace sluice::nodes
