// augment::Invert as a node of the graph.
#pragma once

#include "augment/invert.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// A negative.
struct Invert : augment::Invert {
  static constexpr graph::NodeInfo info{.name = "invert",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "makes negatives"};
};
static_assert(graph::AugmentNode<Invert>);

inline Invert invert_from(const ChainParameters&) { return {}; }

}  // namespace sluice::nodes
