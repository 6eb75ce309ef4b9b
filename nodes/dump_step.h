// Three looks at a training step, for a dump of it: behind forward, behind backward, behind update.
// They stand between the node that takes the net's one step token and the node that gives it back,
// so that nothing changes the net while they look.
#pragma once

#include <functional>

#include "graph/node.h"

namespace sluice::nodes {

// `look` runs in the pipeline's thread, one batch at a time; an Error it throws stops the run.
struct DumpLook {
  std::function<void(const graph::Batch&)> look;

  void run(graph::Batch& batch, Completion done) {
    look(batch);
    done(nullptr);
  }
};

// Behind forward, which changes no weights: what the step starts from.
struct DumpBefore : DumpLook {
  static constexpr graph::NodeInfo info{.name = "dump-before",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "writes down what a step starts from"};
};
static_assert(graph::BatchNode<DumpBefore>);

struct DumpGradients : DumpLook {
  static constexpr graph::NodeInfo info{.name = "dump-gradients",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "writes down a step's gradients"};
};
static_assert(graph::BatchNode<DumpGradients>);

struct DumpAfter : DumpLook {
  static constexpr graph::NodeInfo info{.name = "dump-after",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "writes down what a step made of the net"};
};
static_assert(graph::BatchNode<DumpAfter>);

}  // namespace sluice::nodes
