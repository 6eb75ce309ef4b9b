// augment::Elastic as a node of the graph.
#pragma once

#include "augment/elastic.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Shakes as if drawn on rubber.
struct Elastic : augment::Elastic {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"alpha", graph::ParameterType::real, "pixels", "34.0", "0 to 1000",
       "strength of the displacements"},
      {"sigma", graph::ParameterType::real, "pixels", "4.0", "0.5 to 64",
       "deviation of the Gaussian that smooths them"},
      {"sampling", graph::ParameterType::word, "", "\"bilinear\"", "bilinear or nearest",
       "four neighbours, or the pixel that covers the place"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what the image does not reach"}};
  static constexpr graph::NodeInfo info{.name = "elastic",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "shakes as if drawn on rubber (Simard 2003)",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Elastic>);

inline Elastic elastic_from(const ChainParameters& given) {
  Elastic node;
  node.alpha = given.real("alpha");
  node.sigma = given.real("sigma");
  node.canvas = canvas_from(given);
  return node;
}

}  // namespace sluice::nodes
