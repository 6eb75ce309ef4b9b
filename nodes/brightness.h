// augment::Brightness as a node of the graph.
#pragma once

#include "augment/brightness.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Every value times a drawn factor.
struct Brightness : augment::Brightness {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"factor", graph::ParameterType::real, "", "0.6", "0 to 100",
       "least factor; 1 changes nothing"},
      {"factor_to", graph::ParameterType::real, "", "1.4", "0 to 100", "greatest factor"}};
  static constexpr graph::NodeInfo info{.name = "brightness",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "makes images darker or brighter",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("factor") == 1.0 && given.real("factor_to") == 1.0;
  }
};
static_assert(graph::AugmentNode<Brightness>);

inline Brightness brightness_from(const ChainParameters& given) {
  Brightness node;
  node.factor = given.real("factor");
  node.factor_to = given.real("factor_to");
  return node;
}

}  // namespace sluice::nodes
