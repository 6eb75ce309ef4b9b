// Max-pooling in ceil mode.
#pragma once

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/max_pool_kernel.h"

namespace sluice::onednn {

// Throws Error{usage} for a kernel wider than a winner's byte can tell.
kernels::PoolGeometry pool_geometry(const MaxPool& spec, const CompileContext& context);

class MaxPoolLayer {
 public:
  MaxPoolLayer(const MaxPool& spec, const CompileContext& context);

  void forward(const Pass& pass);
  // Also does the backward of a ReLU right before it, where the context fused one.
  void backward(const Pass& pass);

 private:
  template <class T>
  void forward_as(const Pass& pass) const;
  template <class T>
  void backward_as(const Pass& pass) const;

  kernels::PoolGeometry geometry_;
  FusedRelu relu_;
  std::size_t batch_;
  Region winners_;  // training only
};

}  // namespace sluice::onednn
