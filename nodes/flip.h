// augment::Flip as a node of the graph.
#pragma once

#include "augment/flip.h"
#include "graph/node.h"

namespace sluice::nodes {

// Mirrors left-right with a given probability.
struct Flip : augment::Flip {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"probability", graph::ParameterType::real, "", "0.5", "0 to 1", "of mirroring"}};
  static constexpr graph::NodeInfo info{.name = "flip",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "mirrors left-right",
                                        .parameters = kParameters};
};
static_assert(graph::AugmentNode<Flip>);

}  // namespace sluice::nodes
