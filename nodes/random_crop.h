// augment::RandomCrop as a node of the graph.
#pragma once

#include "augment/random_crop.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

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

  // The centre of what training crops at random.
  static std::vector<io::ChainEntry> tested(io::ChainEntry entry) {
    std::erase_if(entry.parameters, [](const auto& p) { return p.first == "group"; });
    entry.node = "centre-crop";
    entry.name = "test-crop";
    return {entry};
  }
  std::optional<Extent> extent_behind(std::optional<Extent>) const { return Extent{side, side}; }
};
static_assert(graph::AugmentNode<RandomCrop>);

inline RandomCrop random_crop_from(const ChainParameters& given) {
  RandomCrop node;
  node.side = given.integer("side");
  node.group = given.group_size();
  return node;
}

}  // namespace sluice::nodes
