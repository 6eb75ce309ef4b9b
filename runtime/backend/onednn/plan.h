// What runs where: which ReLUs their neighbours do, which layers work in place, and the regions of
// activations and gradients. Decided before any layer is compiled, from the net alone.
#pragma once

#include <vector>

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

struct LayerPlan {
  bool fused_forward = false;             // a ReLU that the layer before it does
  bool fused_backward = false;            // a ReLU that the layer after it does
  FusedRelu relu_inside = FusedRelu::no;  // does such a ReLU
  bool in_place = false;
  InputGradient input_gradient = InputGradient::unwanted;
  Region output;
  Region diff_src;  // valid where input_gradient is wanted
};

struct NetPlan {
  std::vector<LayerPlan> layers;
  Region rows;  // a copy of the input, for batches with rows that do not count
};

NetPlan plan_net(const Net& net, const std::vector<LayerShapes>& shapes,
                 const ProgramOptions& options, MemoryPlan& memory);

}  // namespace sluice::onednn
