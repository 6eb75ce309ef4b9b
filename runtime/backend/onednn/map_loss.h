// LeNet-5's discriminative criterion: a softmax with one class more, of a score that stays as it
// is.
#pragma once

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

class MapLossLayer {
 public:
  MapLossLayer(const MapLoss& spec, const CompileContext& context);

  // dst: a loss a row, 0 for rows of weight 0.
  void forward(const Pass& pass);
  // diff_dst is not looked at.
  void backward(const Pass& pass);

 private:
  double log_sum(std::span<const float> scores) const;

  double garbage_;
  std::size_t batch_, classes_;
};

}  // namespace sluice::onednn
