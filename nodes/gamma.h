// augment::Gamma as a node of the graph.
#pragma once

#include "augment/gamma.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Values to a drawn power.
struct Gamma : augment::Gamma {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"gamma", graph::ParameterType::real, "", "0.8", "0 to 100",
       "least exponent; 1 changes nothing"},
      {"gamma_to", graph::ParameterType::real, "", "1.25", "0 to 100", "greatest exponent"}};
  static constexpr graph::NodeInfo info{.name = "gamma",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "brightens or darkens the middle of the scale",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("gamma") == 1.0 && given.real("gamma_to") == 1.0;
  }
};
static_assert(graph::AugmentNode<Gamma>);

inline Gamma gamma_from(const ChainParameters& given) {
  Gamma node;
  node.gamma = given.real("gamma");
  node.gamma_to = given.real("gamma_to");
  return node;
}

}  // namespace sluice::nodes
