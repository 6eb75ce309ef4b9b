// augment::CentreCrop as a node of the graph.
#pragma once

#include "augment/centre_crop.h"
#include "graph/node.h"

namespace sluice::nodes {

// The square in the middle.
struct CentreCrop : augment::CentreCrop {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"side", graph::ParameterType::integer, "pixels", "256", "1 to 8192", "side of the square"}};
  static constexpr graph::NodeInfo info{.name = "centre-crop",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "keeps a square from the middle",
                                        .parameters = kParameters};
  static constexpr bool kMovesPixels = true;
  static constexpr bool kOnlyShifts = true;
};
static_assert(graph::AugmentNode<CentreCrop>);

}  // namespace sluice::nodes
