// augment::Pad as a node of the graph.
#pragma once

#include "augment/pad.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

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

  static bool idle(const ChainParameters& given) { return given.integer("pixels") == 0; }
  std::optional<Extent> extent_behind(std::optional<Extent> before) const {
    return before ? std::optional(extent_after({}, *before)) : std::nullopt;
  }
};
static_assert(graph::AugmentNode<Pad>);

inline Pad pad_from(const ChainParameters& given) {
  Pad node;
  node.pixels = given.integer("pixels");
  return node;
}

}  // namespace sluice::nodes
