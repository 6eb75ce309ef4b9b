// augment::Hue as a node of the graph.
#pragma once

#include "augment/hue.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// All hues turned by a drawn angle.
struct Hue : augment::Hue {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"turns", graph::ParameterType::real, "turns", "-0.1", "-0.5 to 0.5",
       "least part of a full turn"},
      {"turns_to", graph::ParameterType::real, "turns", "0.1", "-0.5 to 0.5",
       "greatest part of a full turn"}};
  static constexpr graph::NodeInfo info{.name = "hue",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "turns all hues by one angle",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("turns") == 0.0 && given.real("turns_to") == 0.0;
  }
};
static_assert(graph::AugmentNode<Hue>);

inline Hue hue_from(const ChainParameters& given) {
  Hue node;
  node.turns = given.real("turns");
  node.turns_to = given.real("turns_to");
  return node;
}

}  // namespace sluice::nodes
