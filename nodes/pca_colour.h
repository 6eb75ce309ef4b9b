// augment::PcaColour as a node of the graph.
#pragma once

#include "augment/pca_colour.h"
#include "graph/node.h"

namespace sluice::nodes {

// Noise along the principal components of RGB, drawn once an image.
struct PcaColour : augment::PcaColour {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"sigma", graph::ParameterType::real, "", "0.1", "0 to 10", "deviation of the three draws"},
      {"constants", graph::ParameterType::word, "", "\"measured\"", "measured or authors",
       "components of the training images, or of ImageNet as the authors measured them"},
      {"until", graph::ParameterType::integer, "epochs", "0", "0 to 1048576",
       "epoch (from 0) from which on nothing is added; 0: never"}};
  static constexpr graph::NodeInfo info{.name = "pca-colour",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "adds noise along the principal components of RGB",
                                        .parameters = kParameters};
};
static_assert(graph::AugmentNode<PcaColour>);

}  // namespace sluice::nodes
