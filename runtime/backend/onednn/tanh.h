// Scaled hyperbolic tangent.
#pragma once

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/tanh_kernel.h"

namespace sluice::onednn {

class TanhLayer {
 public:
  TanhLayer(const Tanh& spec, const CompileContext& context);

  void forward(const Pass& pass);   // dst may be src
  void backward(const Pass& pass);  // in place, from the result

 private:
  kernels::TanhFactors factors_;
  std::size_t elements_;  // of the whole batch
};

}  // namespace sluice::onednn
