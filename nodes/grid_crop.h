// augment::GridCrop as a node of the graph.
#pragma once

#include "augment/grid_crop.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// One of a grid of squares.
struct GridCrop : augment::GridCrop {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"side", graph::ParameterType::integer, "pixels", "224", "1 to 8192", "of the square"},
      {"grid", graph::ParameterType::integer, "squares", "3", "1 to 32", "along each axis"},
      {"cell", graph::ParameterType::integer, "", "-1", "-1 to 1023",
       "which one, row by row from 0; -1: drawn"}};
  static constexpr graph::NodeInfo info{
      .name = "grid-crop",
      .kind = graph::NodeKind::geometry,
      .cost = graph::CostClass::pixels_out,
      .help = "keeps one of a grid of squares that are spread evenly",
      .parameters = kParameters};
  static constexpr bool kMovesPixels = true;
  static constexpr bool kOnlyShifts = true;

  // A chosen cell stays; a drawn one becomes the square in the middle.
  static std::vector<io::ChainEntry> tested(io::ChainEntry entry) {
    if (ChainParameters(entry, info).integer("cell") >= 0) return {entry};
    std::erase_if(entry.parameters, [](const auto& p) { return p.first == "grid"; });
    entry.parameters.emplace_back("grid", std::int64_t{1});
    return {entry};
  }
  std::optional<Extent> extent_behind(std::optional<Extent>) const { return Extent{side, side}; }
};
static_assert(graph::AugmentNode<GridCrop>);

inline GridCrop grid_crop_from(const ChainParameters& given) {
  GridCrop node;
  node.side = given.integer("side");
  node.grid = given.integer("grid");
  node.cell = given.integer("cell");
  return node;
}

}  // namespace sluice::nodes
