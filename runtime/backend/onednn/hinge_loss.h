// The multiclass hinge; gradients are sums over rows, each times its weight.
#pragma once

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

class HingeLossLayer {
 public:
  HingeLossLayer(const HingeLoss& spec, const CompileContext& context);

  // dst: a loss a row, 0 for rows of weight 0.
  void forward(const Pass& pass);
  // diff_dst is not looked at.
  void backward(const Pass& pass);

 private:
  double margin_;
  std::size_t batch_, classes_;
};

}  // namespace sluice::onednn
