// What runs where: which layers their neighbours do, which layers work in place, and the regions of
// activations and gradients. Decided before any layer is compiled, from the net alone.
#pragma once

#include <optional>
#include <vector>

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

struct LayerPlan {
  // A neighbour does this layer's pass: the layer before a ReLU or the layer after a ReLU or LRN.
  bool fused_forward = false;
  bool fused_backward = false;
  FusedRelu relu_inside = FusedRelu::no;  // does such a ReLU
  std::optional<Lrn> lrn_inside{};        // does such an LRN: a max-pool right behind it
  bool in_place = false;                  // its output stands where its input stood
  InputGradient input_gradient = InputGradient::unwanted;
  Region output;
  Region diff_src;  // valid where input_gradient is wanted
};

struct NetPlan {
  std::vector<LayerPlan> layers;
  Region rows;  // a copy of the input: rounded, or for batches with rows that do not count
};

NetPlan plan_net(const Net& net, const std::vector<LayerShapes>& shapes,
                 const ProgramOptions& options, MemoryPlan& memory);

}  // namespace sluice::onednn
