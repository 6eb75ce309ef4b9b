// LRN within towers. Our own kernel: oneDNN's falls to its reference code on half of the channels.
#pragma once

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/lrn_kernel.h"

namespace sluice::onednn {

// Throws Error{usage} for windows or towers wider than the kernel takes.
kernels::LrnFactors lrn_factors(const Lrn& spec, const CompileContext& context);
kernels::ReluMask relu_mask(FusedRelu relu);

class LrnLayer {
 public:
  LrnLayer(const Lrn& spec, const CompileContext& context);

  void forward(const Pass& pass);
  // Also does the backward of a ReLU right before it, where the context fused one.
  void backward(const Pass& pass);

 private:
  kernels::LrnFactors factors_;
  kernels::ReluMask mask_;
  std::size_t channels_;
  std::size_t pixels_;  // of the whole batch
};

}  // namespace sluice::onednn
