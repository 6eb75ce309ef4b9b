// augment::RandomResizedCrop as a node of the graph.
#pragma once

#include "augment/random_resized_crop.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/filter_parameter.h"

namespace sluice::nodes {

// Inception's crop.
struct RandomResizedCrop : augment::RandomResizedCrop {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"side", graph::ParameterType::integer, "pixels", "224", "1 to 8192",
       "of the square afterwards"},
      {"scale", graph::ParameterType::real, "area", "0.08", "0.000001 to 1",
       "least part of the area"},
      {"scale_to", graph::ParameterType::real, "area", "1.0", "0.000001 to 1", "most"},
      {"ratio", graph::ParameterType::real, "", "0.75", "0.01 to 100", "least width over height"},
      {"ratio_to", graph::ParameterType::real, "", "1.3333333333333333", "0.01 to 100", "most"},
      {"filter", graph::ParameterType::word, "", "\"antialias\"",
       "antialias, bilinear, bicubic, lanczos or area",
       "antialias, bicubic, lanczos: as Pillow; bilinear: four neighbours; area: mean"}};
  static constexpr graph::NodeInfo info{
      .name = "random-resized-crop",
      .kind = graph::NodeKind::geometry,
      .cost = graph::CostClass::pixels_in,
      .help = "resizes a window of random area and shape to a square (Inception)",
      .parameters = kParameters};

  // As torchvision's references test: the middle of what a shorter side of side * 8 / 7 leaves.
  static std::vector<io::ChainEntry> tested(const io::ChainEntry& entry) {
    const ChainParameters given(entry, info);
    const std::int64_t side = given.integer("side");
    io::ChainEntry rescale = entry;
    rescale.parameters.clear();
    rescale.places.clear();
    io::ChainEntry crop = rescale;
    rescale.node = "rescale";
    rescale.name = "test-rescale";
    rescale.parameters = {{"side", side * 8 / 7}, {"filter", given.word("filter", kFilterWords)}};
    crop.node = "centre-crop";
    crop.name = "test-crop";
    crop.parameters = {{"side", side}};
    return {rescale, crop};
  }
  std::optional<Extent> extent_behind(std::optional<Extent>) const { return Extent{side, side}; }
};
static_assert(graph::AugmentNode<RandomResizedCrop>);

inline RandomResizedCrop random_resized_crop_from(const ChainParameters& given) {
  RandomResizedCrop node;
  node.side = given.integer("side");
  node.scale = given.real("scale");
  node.scale_to = given.real("scale_to");
  node.ratio = given.real("ratio");
  node.ratio_to = given.real("ratio_to");
  node.filter = filter_from(given);
  return node;
}

}  // namespace sluice::nodes
