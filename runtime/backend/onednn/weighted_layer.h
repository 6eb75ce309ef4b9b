// What layers with weights and biases have in common once oneDNN has described their primitives:
// layouts of the parameters, the three passes, memory. conv2d and fully_connected make them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/backend/onednn/choose.h"
#include "runtime/backend/onednn/layer.h"
#include "runtime/backend/onednn/onednn.h"
#include "runtime/backend/onednn/parameter_use.h"

namespace sluice::onednn {

// A batch of the layer's rows before and behind it, and how its weights read. Gradients have the
// program's precision, scores are f32.
struct WeightedArrays {
  dnnl::memory::desc src, dst, diff_dst;
  ParameterView weights;
};

// Backward weights in training only; backward data absent in evaluation, also without an input
// gradient.
struct WeightedDescriptions {
  dnnl::primitive_desc forward;
  std::optional<dnnl::primitive_desc> backward_data, backward_weights;

  WantedDescs wanted() const;
};

// Describes the passes for weights in oneDNN's own layout, or in `stored` (f32) where that costs
// nothing. Gradients of weights are f32 always.
using DescribeWeighted =
    std::function<WeightedDescriptions(const std::optional<dnnl::memory::desc>& stored)>;

// `make` describes one pass for given weights: `forward(weights)`, `data(weights, forward)`,
// `weights(gradient, forward)`. It must outlive the result.
template <class Maker>
DescribeWeighted describe_with(const Maker& make, const CompileContext& context,
                               const ParameterView& view) {
  const auto any_of = [&](Precision element) {
    return dnnl::memory::desc(view.dims, data_type_of(element), dnnl::memory::format_tag::any);
  };
  const dnnl::memory::desc any = any_of(context.precision), any_gradient = any_of(Precision::f32);
  return [&make, &context, any, any_gradient](const std::optional<dnnl::memory::desc>& stored) {
    const auto weights_of = [](const auto& d) { return d.weights_desc(); };
    const auto gradient_of = [](const auto& d) { return d.diff_weights_desc(); };
    const auto forward =
        choose([&](const auto& w) { return make.forward(w); }, weights_of, any, stored);
    WeightedDescriptions all{.forward = forward, .backward_data = {}, .backward_weights = {}};
    if (context.purpose == Purpose::evaluation) return all;
    if (context.purpose == Purpose::training)
      all.backward_weights = choose([&](const auto& w) { return make.weights(w, forward); },
                                    gradient_of, any_gradient, stored);
    if (context.input_gradient == InputGradient::unwanted) return all;
    all.backward_data =
        choose([&](const auto& w) { return make.data(w, forward); }, weights_of, any, stored);
    return all;
  };
}

// A ReLU behind it runs inside it.
class WeightedLayer {
 public:
  // In training, sets the weights' layout on a state that has none of this backend yet.
  WeightedLayer(const CompileContext& context, const WeightedArrays& arrays,
                const DescribeWeighted& describe);

  void forward(const Pass& pass);
  // Gradients of parameters go into the state, where they are wanted; of the input only where
  // `diff_src` is given.
  void backward(const Pass& pass);

  std::size_t scratch_bytes() const;
  std::size_t private_bytes() const;  // copies of weights
  void describe(std::vector<Implementation>& into) const;

 private:
  void make_backward(const WeightedDescriptions& chosen, const CompileContext& context,
                     const ParameterView& view);
  void backward_parameters(const Pass& pass);
  void backward_input(const Pass& pass);

  std::string name_;
  dnnl::memory::desc src_, dst_, diff_dst_;
  Primitive forward_, backward_data_, backward_weights_;
  std::optional<ValuesUse> weights_, biases_;
  std::optional<ValuesUse> data_weights_;  // absent where backward data takes forward's
  std::optional<GradientUse> gradient_, bias_gradient_;
};

}  // namespace sluice::onednn
