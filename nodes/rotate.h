// augment::Rotate as a node of the graph.
#pragma once

#include "augment/rotate.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Turns about the centre.
struct Rotate : augment::Rotate {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"degrees", graph::ParameterType::real, "degrees", "-15.0", "-360 to 360",
       "least angle, positive to the left"},
      {"degrees_to", graph::ParameterType::real, "degrees", "15.0", "-360 to 360",
       "most angle, positive to the left"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{.name = "rotate",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "turns about the centre",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Rotate>);

inline Rotate rotate_from(const ChainParameters& given) {
  Rotate node;
  node.degrees = range_from(given, "degrees", "degrees_to");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
