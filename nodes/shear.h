// augment::Shear as a node of the graph.
#pragma once

#include "augment/shear.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Slants about the centre.
struct Shear : augment::Shear {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"x", graph::ParameterType::real, "degrees", "-10.0", "-80 to 80", "least slant along x"},
      {"x_to", graph::ParameterType::real, "degrees", "10.0", "-80 to 80", "most slant along x"},
      {"y", graph::ParameterType::real, "degrees", "0.0", "-80 to 80", "least slant along y"},
      {"y_to", graph::ParameterType::real, "degrees", "0.0", "-80 to 80", "most slant along y"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{.name = "shear",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "slants about the centre",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Shear>);

inline Shear shear_from(const ChainParameters& given) {
  Shear node;
  node.x = range_from(given, "x", "x_to");
  node.y = range_from(given, "y", "y_to");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
