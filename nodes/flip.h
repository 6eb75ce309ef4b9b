// augment::Flip as a node of the graph.
#pragma once

#include "augment/flip.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Mirrors left-right with a given probability.
struct Flip : augment::Flip {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"probability", graph::ParameterType::real, "", "0.5", "0 to 1", "of mirroring"},
      {"group", graph::ParameterType::integer, "images", "1", "1 to 1048576",
       "neighbours in the epoch's order that are mirrored together"}};
  static constexpr graph::NodeInfo info{.name = "flip",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "mirrors left-right",
                                        .parameters = kParameters};
  static constexpr bool kMovesPixels = true;
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;

  int group = 1;  // images that share a draw (the authors' code: 32)
};
static_assert(graph::AugmentNode<Flip>);

inline Flip flip_from(const ChainParameters& given) {
  Flip node;
  node.probability = given.real("probability");
  node.group = given.group_size();
  return node;
}

}  // namespace sluice::nodes
