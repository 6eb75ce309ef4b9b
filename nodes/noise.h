// augment::Noise as a node of the graph.
#pragma once

#include "augment/noise.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Gaussian noise of a drawn deviation.
struct Noise : augment::Noise {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"sigma", graph::ParameterType::real, "grey levels", "0.0", "0 to 255", "least deviation"},
      {"sigma_to", graph::ParameterType::real, "grey levels", "16.0", "0 to 255",
       "greatest deviation"}};
  static constexpr graph::NodeInfo info{.name = "noise",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "adds Gaussian noise to every value",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("sigma") == 0.0 && given.real("sigma_to") == 0.0;
  }
};
static_assert(graph::AugmentNode<Noise>);

inline Noise noise_from(const ChainParameters& given) {
  Noise node;
  node.sigma = given.real("sigma");
  node.sigma_to = given.real("sigma_to");
  return node;
}

}  // namespace sluice::nodes
