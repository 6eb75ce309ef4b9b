// The second derivatives that a diagonal Levenberg-Marquardt rule divides by, measured on a batch.
#pragma once

#include "nodes/train_step.h"

namespace sluice::nodes {

// Runs the net forward, then Phase::curvature: the net's velocities are set.
struct Curvature {
  static constexpr graph::NodeInfo info{.name = "curvature",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "measures second derivatives"};
  static constexpr auto token = graph::StepToken::takes_and_gives;

  StepContext context;

  std::string place() const { return context.place(); }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Curvature>);

}  // namespace sluice::nodes
