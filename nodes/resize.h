// augment::Resize as a node of the graph.
#pragma once

#include "augment/resize.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/filter_parameter.h"

namespace sluice::nodes {

// To a width and a height, whatever the shape was.
struct Resize : augment::Resize {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"width", graph::ParameterType::integer, "pixels", "256", "1 to 8192", "afterwards"},
      {"height", graph::ParameterType::integer, "pixels", "256", "1 to 8192", "afterwards"},
      {"filter", graph::ParameterType::word, "", "\"antialias\"",
       "antialias, bilinear, bicubic, lanczos or area",
       "antialias, bicubic, lanczos: as Pillow; bilinear: four neighbours; area: mean"}};
  static constexpr graph::NodeInfo info{
      .name = "resize",
      .kind = graph::NodeKind::geometry,
      .cost = graph::CostClass::pixels_in,
      .help = "resizes to a width and a height, not keeping the shape",
      .parameters = kParameters};

  std::optional<Extent> extent_behind(std::optional<Extent>) const { return to; }
  static constexpr Tested kTested = Tested::kept;
};
static_assert(graph::AugmentNode<Resize>);

inline Resize resize_from(const ChainParameters& given) {
  Resize node;
  node.to = {given.integer("width"), given.integer("height")};
  node.filter = filter_from(given);
  return node;
}

}  // namespace sluice::nodes
