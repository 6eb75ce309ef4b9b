// augment::Sharpness as a node of the graph.
#pragma once

#include "augment/sharpness.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Softer or sharper by a drawn factor.
struct Sharpness : augment::Sharpness {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"factor", graph::ParameterType::real, "", "0.0", "0 to 100",
       "least factor; 0 is soft, 1 changes nothing"},
      {"factor_to", graph::ParameterType::real, "", "2.0", "0 to 100", "greatest factor"}};
  static constexpr graph::NodeInfo info{.name = "sharpness",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "makes images softer or sharper",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("factor") == 1.0 && given.real("factor_to") == 1.0;
  }
};
static_assert(graph::AugmentNode<Sharpness>);

inline Sharpness sharpness_from(const ChainParameters& given) {
  Sharpness node;
  node.factor = given.real("factor");
  node.factor_to = given.real("factor_to");
  return node;
}

}  // namespace sluice::nodes
