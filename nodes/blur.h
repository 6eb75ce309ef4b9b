// augment::Blur as a node of the graph.
#pragma once

#include "augment/blur.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Gaussian blur of a drawn width.
struct Blur : augment::Blur {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"sigma", graph::ParameterType::real, "pixels", "0.1", "0 to 30", "least deviation"},
      {"sigma_to", graph::ParameterType::real, "pixels", "2.0", "0 to 30", "greatest deviation"}};
  static constexpr graph::NodeInfo info{.name = "blur",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "Gaussian blur",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("sigma") == 0.0 && given.real("sigma_to") == 0.0;
  }
};
static_assert(graph::AugmentNode<Blur>);

inline Blur blur_from(const ChainParameters& given) {
  Blur node;
  node.sigma = given.real("sigma");
  node.sigma_to = given.real("sigma_to");
  return node;
}

}  // namespace sluice::nodes
