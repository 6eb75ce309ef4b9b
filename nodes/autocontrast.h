// augment::Autocontrast as a node of the graph.
#pragma once

#include "augment/autocontrast.h"
#include "graph/node.h"
#include "nodes/catalogue.h"

namespace sluice::nodes {

// Each channel stretched to the full range.
struct Autocontrast : augment::Autocontrast {
  static constexpr graph::NodeInfo info{.name = "autocontrast",
                                        .kind = graph::NodeKind::pixels,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "stretches each channel to 0 to 255"};
};
static_assert(graph::AugmentNode<Autocontrast>);

inline Autocontrast autocontrast_from(const ChainParameters&) { return {}; }

}  // namespace sluice::nodes
