// augment::Pad as a node of the graph.
#pragma once

#include "augment/pad.h"
#include "graph/node.h"

namespace sluice::nodes {

// Black pixels around an image.
struct Pad : augment::Pad {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"pixels", graph::ParameterType::integer, "pixels", "2", "0 to 1024", "at each side"}};
  static constexpr graph::NodeInfo info{.name = "pad",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "puts black pixels around an image",
                                        .parameters = kParameters};
};
static_assert(graph::AugmentNode<Pad>);

}  // namespace sluice::nodes
