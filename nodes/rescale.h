// augment::Rescale as a node of the graph.
#pragma once

#include "augment/rescale.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/filter_parameter.h"

namespace sluice::nodes {

// Isotropic rescale: the shorter side becomes `side`.
struct Rescale : augment::Rescale {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"side", graph::ParameterType::integer, "pixels", "256", "1 to 8192",
       "shorter side afterwards"},
      {"to", graph::ParameterType::integer, "pixels", "0", "0, or side to 8192",
       "the shorter side is drawn evenly from side to this (VGG's jitter); 0: it is side"},
      {"filter", graph::ParameterType::word, "", "\"antialias\"",
       "antialias, bilinear, bicubic, lanczos or area",
       "antialias, bicubic, lanczos: as Pillow; bilinear: four neighbours; area: mean"}};
  static constexpr graph::NodeInfo info{
      .name = "rescale",
      .kind = graph::NodeKind::geometry,
      .cost = graph::CostClass::pixels_in,
      .help = "resizes so that the shorter side has a given length",
      .parameters = kParameters};

  // Jittered scales are tested at their middle (VGG paper, section 4.1: 384 after [256, 512]).
  static std::vector<io::ChainEntry> tested(io::ChainEntry entry) {
    const ChainParameters given(entry, info);
    const int from = given.integer("side"), to = given.integer("to");
    if (to == 0) return {entry};
    std::erase_if(entry.parameters,
                  [](const auto& p) { return p.first == "to" || p.first == "side"; });
    entry.parameters.emplace_back("side", std::int64_t{(from + to) / 2});
    return {entry};
  }
  std::optional<Extent> extent_behind(std::optional<Extent> before) const {
    if (!before || before->width != before->height || side_to > 0) return std::nullopt;
    return Extent{side, side};
  }
};
static_assert(graph::AugmentNode<Rescale>);

inline Rescale rescale_from(const ChainParameters& given) {
  Rescale node;
  node.side = given.integer("side");
  node.side_to = given.integer("to");
  node.filter = filter_from(given);
  return node;
}

}  // namespace sluice::nodes
