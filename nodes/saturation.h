// augment::Saturation as a node of the graph.
#pragma once

#include "augment/saturation.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Colours away from their grey, or towards it.
struct Saturation : augment::Saturation {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"factor", graph::ParameterType::real, "", "0.6", "0 to 100",
       "least factor; 1 changes nothing"},
      {"factor_to", graph::ParameterType::real, "", "1.4", "0 to 100", "greatest factor"}};
  static constexpr graph::NodeInfo info{.name = "saturation",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "moves colours away from their grey, or towards it",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("factor") == 1.0 && given.real("factor_to") == 1.0;
  }
};
static_assert(graph::AugmentNode<Saturation>);

inline Saturation saturation_from(const ChainParameters& given) {
  Saturation node;
  node.factor = given.real("factor");
  node.factor_to = given.real("factor_to");
  return node;
}

}  // namespace sluice::nodes
