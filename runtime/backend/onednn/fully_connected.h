// Fully connected layers as inner products; a ReLU behind one runs inside it.
#pragma once

#include <optional>
#include <vector>

#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/onednn.h"
#include "runtime/backend/onednn/parameter_use.h"

namespace sluice::onednn {

// On a plane, the inputs are flattened in memory order (height, width, channels): two axes give all
// three passes one layout of the weights, four would fall to plain GEMM and three layouts.
class FullyConnectedLayer {
 public:
  // In training, sets the weights' layout on a state that has none of this backend yet.
  FullyConnectedLayer(const FullyConnected& spec, const CompileContext& context);

  void forward(const Pass& pass);
  void backward(const Pass& pass);

  std::size_t scratch_bytes() const;
  std::size_t private_bytes() const;
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
