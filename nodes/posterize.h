// augment::Posterize as a node of the graph.
#pragma once

#include "augment/posterize.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// The highest bits of every value.
struct Posterize : augment::Posterize {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"bits", graph::ParameterType::integer, "bits", "4", "1 to 8", "fewest bits that are kept"},
      {"bits_to", graph::ParameterType::integer, "bits", "8", "1 to 8", "most bits that are kept"}};
  static constexpr graph::NodeInfo info{.name = "posterize",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "keeps the highest bits of every value",
                                        .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) { return given.integer("bits") == 8; }
};
static_assert(graph::AugmentNode<Posterize>);

inline Posterize posterize_from(const ChainParameters& given) {
  Posterize node;
  node.bits = given.integer("bits");
  node.bits_to = given.integer("bits_to");
  return node;
}

}  // namespace sluice::nodes
