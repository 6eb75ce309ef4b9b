// Shows each finished batch to a function, in order: the end of a pipeline.
#pragma once

#include <functional>
#include <string_view>

#include "graph/node.h"

namespace sluice::nodes {

// `look` runs in the pipeline's thread, one batch at a time; an Error it throws stops the run.
struct Watch {
  static constexpr graph::NodeInfo info{.name = "report",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "writes down what a batch gave"};

  std::function<void(const graph::Batch&)> look;

  void run(graph::Batch& batch, Completion done) {
    look(batch);
    done(nullptr);
  }
};
static_assert(graph::BatchNode<Watch>);

}  // namespace sluice::nodes
