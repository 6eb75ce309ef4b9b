// augment::Grey as a node of the graph.
#pragma once

#include "augment/grey.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Without colour; a probability below 1 makes it an augmentation.
struct Grey : augment::Grey {
  static constexpr graph::NodeInfo info{.name = "grey",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "takes the colour out of images"};
};
static_assert(graph::AugmentNode<Grey>);

inline Grey grey_from(const ChainParameters&) { return {}; }

}  // namespace sluice::nodes
