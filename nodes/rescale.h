// augment::Rescale as a node of the graph.
#pragma once

#include "augment/rescale.h"
#include "graph/node.h"

namespace sluice::nodes {

// Isotropic rescale: the shorter side becomes `side`.
struct Rescale : augment::Rescale {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"side", graph::ParameterType::integer, "pixels", "256", "1 to 8192",
       "shorter side afterwards"},
      {"to", graph::ParameterType::integer, "pixels", "0", "0, or side to 8192",
       "the shorter side is drawn evenly from side to this (VGG's jitter); 0: it is side"},
      {"filter", graph::ParameterType::word, "", "\"antialias\"", "antialias or bilinear",
       "antialias: Pillow's bilinear; bilinear: four neighbours, no antialiasing"}};
  static constexpr graph::NodeInfo info{
      .name = "rescale",
      .kind = graph::NodeKind::geometry,
      .cost = graph::CostClass::pixels_in,
      .help = "resizes so that the shorter side has a given length",
      .parameters = kParameters};
};
static_assert(graph::AugmentNode<Rescale>);

}  // namespace sluice::nodes
