// augment::Equalize as a node of the graph.
#pragma once

#include "augment/equalize.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// The values of each channel spread evenly.
struct Equalize : augment::Equalize {
  static constexpr graph::NodeInfo info{.name = "equalize",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "spreads the values of each channel evenly"};
};
static_assert(graph::AugmentNode<Equalize>);

inline Equalize equalize_from(const ChainParameters&) { return {}; }

}  // namespace sluice::nodes
