// LeNet-5's S2 and S4: a coefficient of the map times the sum of each window, and a bias of the
// map. f32 only.
#pragma once

#include <optional>

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/parameter_use.h"

namespace sluice::onednn {

// Of one row.
struct SubsampleGeometry {
  std::size_t side, out_side, window, channels;

  std::size_t in_elements() const { return side * side * channels; }
  std::size_t out_elements() const { return out_side * out_side * channels; }
};

class SubsampleLayer {
 public:
  SubsampleLayer(const Subsample& spec, const CompileContext& context);

  void forward(const Pass& pass);
  // Gradients of parameters go into the state; of the input only where `diff_src` is given.
  void backward(const Pass& pass);

  std::size_t scratch_bytes() const;  // each row's sums for the parameters

 private:
  void backward_parameters(const Pass& pass);
  void backward_input(const Pass& pass);

  SubsampleGeometry geometry_;
  std::size_t batch_;
  ValuesUse coefficients_, biases_;
  std::optional<GradientUse> coefficient_gradient_, bias_gradient_;  // where wanted
};

}  // namespace sluice::onednn
