// Convolution with groups and unequal padding; a ReLU behind it runs inside it.
#pragma once

#include <optional>
#include <vector>

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/onednn.h"
#include "runtime/backend/onednn/parameter_use.h"

namespace sluice::onednn {

class Conv2dLayer {
 public:
  // In training, sets the weights' layout on a state that has none of this backend yet.
  Conv2dLayer(const Conv2d& spec, const CompileContext& context);

  void forward(const Pass& pass);
  // Gradients of parameters go into the state; of the input only where `diff_src` is given.
  void backward(const Pass& pass);

  std::size_t scratch_bytes() const;
  std::size_t private_bytes() const;  // copies of weights
  void describe(std::vector<Implementation>& into) const;

 private:
  struct Descriptions;
  void make_training(const Descriptions& chosen, const CompileContext& context,
                     const ParameterView& view);

  std::string name_;
  dnnl::memory::desc src_, dst_;
  Primitive forward_, backward_data_, backward_weights_;
  std::optional<ValuesUse> weights_, biases_, data_weights_;
  std::optional<GradientUse> gradient_, bias_gradient_;
};

}  // namespace sluice::onednn
