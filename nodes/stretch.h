// augment::Stretch as a node of the graph.
#pragma once

#include "augment/stretch.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Makes wider or higher about the centre.
struct Stretch : augment::Stretch {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"x", graph::ParameterType::real, "factor", "0.8", "0.05 to 20",
       "least widening, its logarithm uniform"},
      {"x_to", graph::ParameterType::real, "factor", "1.25", "0.05 to 20",
       "most widening, its logarithm uniform"},
      {"y", graph::ParameterType::real, "factor", "0.8", "0.05 to 20",
       "least heightening, its logarithm uniform"},
      {"y_to", graph::ParameterType::real, "factor", "1.25", "0.05 to 20",
       "most heightening, its logarithm uniform"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{.name = "stretch",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "makes wider or higher about the centre",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Stretch>);

inline Stretch stretch_from(const ChainParameters& given) {
  Stretch node;
  node.x = range_from(given, "x", "x_to");
  node.y = range_from(given, "y", "y_to");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
