// augment::Translate as a node of the graph.
#pragma once

#include "augment/translate.h"
#include "graph/node.h"
#include "nodes/catalogue.h"
#include "nodes/warp_parameters.h"

namespace sluice::nodes {

// Moves by whole pixels.
struct Translate : augment::Translate {
  static constexpr graph::ParameterSpec kParameters[] = {
      {"x", graph::ParameterType::real, "widths", "-0.1", "-1 to 1", "least move to the right"},
      {"x_to", graph::ParameterType::real, "widths", "0.1", "-1 to 1", "most move to the right"},
      {"y", graph::ParameterType::real, "heights", "-0.1", "-1 to 1", "least move down"},
      {"y_to", graph::ParameterType::real, "heights", "0.1", "-1 to 1", "most move down"},
      {"fill", graph::ParameterType::real, "grey levels", "0.0", "0 to 255",
       "of what is uncovered"}};
  static constexpr graph::NodeInfo info{.name = "translate",
                                        .kind = graph::NodeKind::geometry,
                                        .cost = graph::CostClass::pixels_out,
                                        .help = "moves by whole pixels",
                                        .parameters = kParameters};
  static constexpr bool kKeepsExtent = true;
  static constexpr Tested kTested = Tested::left_out;
};
static_assert(graph::AugmentNode<Translate>);

inline Translate translate_from(const ChainParameters& given) {
  Translate node;
  node.x = range_from(given, "x", "x_to");
  node.y = range_from(given, "y", "y_to");
  node.fill.fill(static_cast<float>(given.real("fill")));
  return node;
}

}  // namespace sluice::nodes
