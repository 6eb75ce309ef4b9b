// An LRN and the max-pool right behind it in one pass over memory each way: normalised rows stay in
// the cache until their windows have seen them, gradients until they are normalised backwards. Row
// by row the kernels of lrn and max_pool: the same bits.
#pragma once

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/lrn_kernel.h"
#include "runtime/backend/onednn/max_pool_kernel.h"

namespace sluice::onednn {

class LrnPoolLayer {
 public:
  // `context` is the max-pool's; the shapes before and behind the LRN are the same.
  LrnPoolLayer(const Lrn& lrn, const MaxPool& pool, const CompileContext& context);

  void forward(const Pass& pass);
  // Also does the backward of a ReLU right before the pair, where the context fused one.
  void backward(const Pass& pass);

  std::size_t scratch_bytes() const;

 private:
  template <class T>
  void forward_as(const Pass& pass) const;
  template <class T>
  void backward_as(const Pass& pass) const;
  template <class T>
  T* rows_of_piece(const Pass& pass, std::size_t piece) const;

  kernels::LrnFactors factors_;
  kernels::PoolGeometry geometry_;
  kernels::ReluMask mask_;
  Precision element_;
  std::size_t batch_;
  std::size_t pieces_;
  Region winners_;  // training only
};

}  // namespace sluice::onednn
