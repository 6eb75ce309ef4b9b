// augment::ColourJitter as a node of the graph.
#pragma once

#include "augment/colour_jitter.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Brightness, contrast, saturation and hue, in a drawn order.
struct ColourJitter : augment::ColourJitter {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"brightness", graph::ParameterType::real, "", "0.4", "0 to 99",
       "factor of 1 minus to 1 plus this"},
      {"contrast", graph::ParameterType::real, "", "0.4", "0 to 99",
       "factor of 1 minus to 1 plus this"},
      {"saturation", graph::ParameterType::real, "", "0.4", "0 to 99",
       "factor of 1 minus to 1 plus this"},
      {"hue", graph::ParameterType::real, "turns", "0.1", "0 to 0.5",
       "at most so far, either way"}};
  static constexpr graph::NodeInfo info{
      .name = "colour-jitter",
      .kind = graph::NodeKind::pixels,
      .cost = graph::CostClass::pixels_out,
      .help = "brightness, contrast, saturation and hue in random order",
      .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("brightness") == 0.0 && given.real("contrast") == 0.0 &&
           given.real("saturation") == 0.0 && given.real("hue") == 0.0;
  }
};
static_assert(graph::AugmentNode<ColourJitter>);

inline ColourJitter colour_jitter_from(const ChainParameters& given) {
  ColourJitter node;
  node.brightness = given.real("brightness");
  node.contrast = given.real("contrast");
  node.saturation = given.real("saturation");
  node.hue = given.real("hue");
  return node;
}

}  // namespace sluice::nodes
