// augment::Perspective as a node of the graph.
#pragma once

#include "augment/perspective.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Looks from the side.
struct Perspective : augment::Perspective {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"distortion", graph::ParameterType::real, "", "0.5", "0 to 0.65",
       "corners move inwards by at most this part of half the image"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{
      .name = "perspective",
      .kind = graph::NodeKind::geometry,
      .cost = graph::CostClass::pixels_out,
      .help = "looks from the side: each corner moves inwards by itself",
      .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Perspective>);

inline Perspective perspective_from(const ChainParameters& given) {
  Perspective node;
  node.distortion = given.real("distortion");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
