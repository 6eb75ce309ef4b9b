// augment::Contrast as a node of the graph.
#pragma once

#include "augment/contrast.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Values away from the image's mean grey, or towards it.
struct Contrast : augment::Contrast {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"factor", graph::ParameterType::real, "", "0.6", "0 to 100",
       "least factor; 1 changes nothing"},
      {"factor_to", graph::ParameterType::real, "", "1.4", "0 to 100", "greatest factor"}};
  static constexpr graph::NodeInfo info{
      .name = "contrast",
      .kind = graph::NodeKind::pixels,
      .cost = graph::CostClass::pixels_out,
      .help = "moves values away from the image's mean grey, or towards it",
      .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("factor") == 1.0 && given.real("factor_to") == 1.0;
  }
};
static_assert(graph::AugmentNode<Contrast>);

inline Contrast contrast_from(const ChainParameters& given) {
  Contrast node;
  node.factor = given.real("factor");
  node.factor_to = given.real("factor_to");
  return node;
}

}  // namespace sluice::nodes
