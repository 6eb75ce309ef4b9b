// Divides preparation's memory between slots, compressed files and images.
#pragma once

#include <vector>

#include "graph/pipeline.h"

namespace sluice::graph {

// Fewer slots than asked for where they would take more than three quarters, but not fewer than two
// (one where one was asked for). Throws Error{usage} naming what would be enough.
MemoryPlan plan_memory(const PipelineOptions& options, const std::vector<BatchStream>& branches);

}  // namespace sluice::graph
