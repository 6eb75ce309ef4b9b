// augment::RandomCrop as a node of the graph.
#pragma once

#include "augment/random_crop.h"
#include "graph/node.h"

namespace sluice::nodes {

// A square at a random place, drawn once an image.
struct RandomCrop : augment::RandomCrop {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"side", graph::ParameterType::integer, "pixels", "224", "1 to 8192", "side of the square"},
      {"group", graph::ParameterType::integer, "images", "1", "1 to 1048576",
       "neighbours in the epoch's order that share a place"}};
  static constexpr graph::NodeInfo info{.name = "random-crop",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "keeps a square at a random place",
                                        .parameters = kParameters};
  static constexpr bool kMovesPixels = true;
  static constexpr bool kOnlyShifts = true;

  int group = 1;  // images that share a draw (the authors' code: 32)
};
static_assert(graph::AugmentNode<RandomCrop>);

}  // namespace sluice::nodes
