// augment::Scale as a node of the graph.
#pragma once

#include "augment/scale.h"
#include "graph/node.h"

namespace sluice::nodes {

// Divides every value.
struct Scale : augment::Scale {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"divisor", graph::ParameterType::real, "grey levels", "1.0", "above 0",
       "what values are divided by"},
      {"by", graph::ParameterType::word, "", "\"divisor\"", "divisor or deviation",
       "deviation: also by the training images' deviation of each channel"},
      {"when", graph::ParameterType::word, "", "\"always\"", "always or training",
       "training: not when the net is tested (the authors' code)"}};
  static constexpr graph::NodeInfo info{.name = "scale",
                                        .kind = graph::NodeKind::colour,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "divides every value",
                                        .parameters = kParameters};
};
static_assert(graph::AugmentNode<Scale>);

}  // namespace sluice::nodes
