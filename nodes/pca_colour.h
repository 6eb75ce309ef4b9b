// augment::PcaColour as a node of the graph.
#pragma once

#include "augment/pca_colour.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

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
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) { return given.real("sigma") == 0.0; }
  static bool is_measured(const ChainParameters& given) {
    return given.word("constants", {"measured", "authors"}) == "measured";
  }
  static StatisticsNeed needs(const ChainParameters& given) {
    return {.covariance = is_measured(given)};
  }
};
static_assert(graph::AugmentNode<PcaColour>);

inline PcaColour pca_colour_from(const ChainParameters& given, const Statistics& statistics) {
  PcaColour node;
  node.sigma = given.real("sigma");
  node.until = given.integer("until");
  if (PcaColour::is_measured(given)) node.colours = augment::colours_from(statistics.covariance);
  return node;
}

}  // namespace sluice::nodes
