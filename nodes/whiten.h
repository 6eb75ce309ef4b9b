// augment::Whiten as a node of the graph.
#pragma once

#include "augment/whiten.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Colours without correlation, of one deviation.
struct Whiten : augment::Whiten {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"kind", graph::ParameterType::word, "", "\"zca\"", "zca or pca",
       "zca: colours stay near to what they were; pca: principal components in their places"},
      {"epsilon", graph::ParameterType::real, "grey levels squared", "1.0", "0 to 65025",
       "added to the variance of each component"}};
  static constexpr graph::NodeInfo info{
      .name = "whiten",
      .kind = graph::NodeKind::colour,
      .cost = graph::CostClass::pixels_out,
      .help = "takes correlation and deviation out of the colours of the training images",
      .parameters = kParameters};

  static StatisticsNeed needs(const ChainParameters&) {
    return {.mean_rgb = true, .covariance = true};
  }
};
static_assert(graph::AugmentNode<Whiten>);

inline Whiten whiten_from(const ChainParameters& given, const Statistics& statistics) {
  Whiten node;
  if (given.word("kind", {"zca", "pca"}) == "pca") node.kind = augment::Whitening::pca;
  node.epsilon = given.real("epsilon");
  node.mean = statistics.mean_rgb;
  node.colours = augment::colours_from(statistics.covariance);
  return node;
}

}  // namespace sluice::nodes
