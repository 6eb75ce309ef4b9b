// augment::Erase as a node of the graph.
#pragma once

#include "augment/erase.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// A rectangle at a random place is filled.
struct Erase : augment::Erase {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"area", graph::ParameterType::real, "", "0.02", "0.000001 to 1",
       "least part of the image's area"},
      {"area_to", graph::ParameterType::real, "", "0.33", "0.000001 to 1",
       "greatest part of the image's area"},
      {"ratio", graph::ParameterType::real, "", "0.3", "0.01 to 100", "least height over width"},
      {"ratio_to", graph::ParameterType::real, "", "3.3", "0.01 to 100",
       "greatest height over width"},
      {"with", graph::ParameterType::word, "", "\"level\"", "level, colour or noise",
       "what it is filled with: one grey level, one random colour, or random bytes"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255", "the grey level"}};
  static constexpr graph::NodeInfo info{
      .name = "erase",
      .kind = graph::NodeKind::pixels,
      .cost = graph::CostClass::pixels_out,
      .help = "random erasing (cutout): fills a rectangle at a random place",
      .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Erase>);

inline Erase erase_from(const ChainParameters& given) {
  Erase node;
  node.area = given.real("area");
  node.area_to = given.real("area_to");
  node.ratio = given.real("ratio");
  node.ratio_to = given.real("ratio_to");
  const std::string with = given.word("with", {"level", "colour", "noise"});
  if (with == "colour") node.with = augment::ErasedWith::colour;
  if (with == "noise") node.with = augment::ErasedWith::noise;
  node.fill = given.real("fill");
  return node;
}

}  // namespace sluice::nodes
