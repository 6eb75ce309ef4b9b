// When a net's activations and gradients are in use: reserves them in the memory plan.
#pragma once

#include <vector>

#include "runtime/backend/onednn/plan.h"

namespace sluice::onednn {

// What a layer's backward reads beside the gradient: its input and its own output as forward left
// them. A ReLU asks for no more of its output than which values are 0.
struct BackwardReads {
  bool source = false;
  bool result = false;
};
BackwardReads backward_reads(const LayerSpec& spec, const LayerPlan& plan);

// Sets the regions of a plan whose fusions and places are decided. An output lives until its last
// reader, forward or backward; scores, losses and what is kept until the next forward.
void reserve_arrays(const Net& net, const std::vector<LayerShapes>& shapes,
                    const ProgramOptions& options, MemoryPlan& memory, NetPlan& plan);

}  // namespace sluice::onednn
