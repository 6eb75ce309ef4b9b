// Scores by squared distance to fixed codes. f32 only.
#pragma once

#include <vector>

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

class RbfLayer {
 public:
  RbfLayer(const Rbf& spec, const CompileContext& context);

  void forward(const Pass& pass);
  void backward(const Pass& pass);

 private:
  double score(const float* features, std::size_t code) const;
  void slopes(const float* features, const float* gradient, float* out) const;

  std::vector<float> codes_;  // code by code
  std::size_t batch_, features_, classes_;
};

}  // namespace sluice::onednn
