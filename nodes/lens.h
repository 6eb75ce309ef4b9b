// augment::Lens as a node of the graph.
#pragma once

#include "augment/lens.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Bends as a lens does.
struct Lens : augment::Lens {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"k1", graph::ParameterType::real, "", "-0.15", "-1 to 1",
       "least factor of r^2, above 0 a barrel"},
      {"k1_to", graph::ParameterType::real, "", "0.15", "-1 to 1",
       "most factor of r^2, above 0 a barrel"},
      {"k2", graph::ParameterType::real, "", "0.0", "-1 to 1", "least factor of r^4"},
      {"k2_to", graph::ParameterType::real, "", "0.0", "-1 to 1", "most factor of r^4"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{.name = "lens",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "bends as a lens does (radial k1, k2)",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Lens>);

inline Lens lens_from(const ChainParameters& given) {
  Lens node;
  node.k1 = range_from(given, "k1", "k1_to");
  node.k2 = range_from(given, "k2", "k2_to");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
