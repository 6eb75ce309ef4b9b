// augment::Standardise as a node of the graph.
#pragma once

#include "augment/standardise.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Mean 0 and deviation 1, by an image's own pixels.
struct Standardise : augment::Standardise {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"by", graph::ParameterType::word, "", "\"image\"", "image or channel",
       "over all values of an image, or each channel by itself"}};
  static constexpr graph::NodeInfo info{
      .name = "standardise",
      .kind = graph::NodeKind::pixels,
      .cost = graph::CostClass::pixels_out,
      .help = "subtracts an image's own mean and divides by its own deviation",
      .parameters = kParameters};
};
static_assert(graph::AugmentNode<Standardise>);

inline Standardise standardise_from(const ChainParameters& given) {
  Standardise node;
  if (given.word("by", {"image", "channel"}) == "channel")
    node.by = augment::StandardiseBy::channel;
  return node;
}

}  // namespace sluice::nodes
