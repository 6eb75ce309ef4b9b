// augment::RandomAffine as a node of the graph.
#pragma once

#include "augment/random_affine.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Turns, moves, scales and slants in one sampling.
struct RandomAffine : augment::RandomAffine {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"degrees", graph::ParameterType::real, "degrees", "-15.0", "-360 to 360",
       "least angle, positive to the left"},
      {"degrees_to", graph::ParameterType::real, "degrees", "15.0", "-360 to 360",
       "most angle, positive to the left"},
      {"x", graph::ParameterType::real, "widths", "-0.1", "-1 to 1", "least move to the right"},
      {"x_to", graph::ParameterType::real, "widths", "0.1", "-1 to 1", "most move to the right"},
      {"y", graph::ParameterType::real, "heights", "-0.1", "-1 to 1", "least move down"},
      {"y_to", graph::ParameterType::real, "heights", "0.1", "-1 to 1", "most move down"},
      {"scale", graph::ParameterType::real, "factor", "0.9", "0.05 to 20", "least scale"},
      {"scale_to", graph::ParameterType::real, "factor", "1.1", "0.05 to 20", "most scale"},
      {"shear_x", graph::ParameterType::real, "degrees", "0.0", "-80 to 80", "least slant along x"},
      {"shear_x_to", graph::ParameterType::real, "degrees", "0.0", "-80 to 80",
       "most slant along x"},
      {"shear_y", graph::ParameterType::real, "degrees", "0.0", "-80 to 80", "least slant along y"},
      {"shear_y_to", graph::ParameterType::real, "degrees", "0.0", "-80 to 80",
       "most slant along y"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{.name = "affine",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "turns, moves, scales and slants in one sampling",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<RandomAffine>);

inline RandomAffine affine_from(const ChainParameters& given) {
  RandomAffine node;
  node.degrees = range_from(given, "degrees", "degrees_to");
  node.x = range_from(given, "x", "x_to");
  node.y = range_from(given, "y", "y_to");
  node.scale = range_from(given, "scale", "scale_to");
  node.shear_x = range_from(given, "shear_x", "shear_x_to");
  node.shear_y = range_from(given, "shear_y", "shear_y_to");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
