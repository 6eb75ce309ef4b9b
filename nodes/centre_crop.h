// augment::CentreCrop as a node of the graph.
#pragma once

#include "augment/centre_crop.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

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
  static constexpr Tested kTested = Tested::kept;

  std::optional<Extent> extent_behind(std::optional<Extent>) const { return Extent{side, side}; }
};
static_assert(graph::AugmentNode<CentreCrop>);

inline CentreCrop centre_crop_from(const ChainParameters& given) {
  CentreCrop node;
  node.side = given.integer("side");
  return node;
}

}  // namespace sluice::nodes
