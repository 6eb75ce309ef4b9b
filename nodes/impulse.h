// augment::Impulse as a node of the graph.
#pragma once

#include "augment/impulse.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Single pixels white or black.
struct Impulse : augment::Impulse {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"amount", graph::ParameterType::real, "", "0.0", "0 to 1", "least part of the pixels"},
      {"amount_to", graph::ParameterType::real, "", "0.04", "0 to 1",
       "greatest part of the pixels"}};
  static constexpr graph::NodeInfo info{
      .name = "impulse",
      .kind = graph::NodeKind::pixels,
      .cost = graph::CostClass::pixels_out,
      .help = "salt and pepper: makes single pixels white or black",
      .parameters = kParameters};
  static constexpr Tested kTested = Tested::left_out;

  static bool idle(const ChainParameters& given) {
    return given.real("amount") == 0.0 && given.real("amount_to") == 0.0;
  }
};
static_assert(graph::AugmentNode<Impulse>);

inline Impulse impulse_from(const ChainParameters& given) {
  Impulse node;
  node.amount = given.real("amount");
  node.amount_to = given.real("amount_to");
  return node;
}

}  // namespace sluice::nodes
