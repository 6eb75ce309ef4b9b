#include "runtime/backend/onednn/weighted_layer.h"

#include <algorithm>

namespace sluice::onednn {
namespace {

using Layout = std::shared_ptr<const OnednnLayout>;

Layout layout(const ParameterView& view, const dnnl::memory::desc& desc) {
  return std::make_shared<OnednnLayout>(view, desc);
}

Layout biases_layout(const CompileContext& context) {
  const std::int64_t count = context.out[0];
  return layout(biases_view(count), bias_desc(count));
}

}  // namespace

WantedDescs WeightedDescriptions::wanted() const {
  WantedDescs descs{.forward = forward.weights_desc(), .backward_data = {}, .gradient = {}};
  if (backward_data) descs.backward_data = backward_data->weights_desc();
  if (backward_weights) descs.gradient = backward_weights->diff_weights_desc();
  return descs;
}

WeightedLayer::WeightedLayer(const CompileContext& context, const WeightedArrays& arrays,
                             const DescribeWeighted& describe)
    : name_(context.layer), src_(arrays.src), dst_(arrays.dst), diff_dst_(arrays.diff_dst) {
  const ParameterView& view = arrays.weights;
  std::optional<dnnl::memory::desc> stored = stored_desc(context.state, context.weights, view);
  const bool arranges = context.purpose == Purpose::training || context.layouts == Layouts::chosen;
  if (!stored && arranges) {
    stored = fewest_reorders(describe(std::nullopt).wanted());
    context.state.set_layout(context.weights, layout(view, *stored));
  }
  const WeightedDescriptions chosen = describe(stored);
  forward_ = Primitive::make(chosen.forward);
  weights_.emplace(context.state, context.weights, layout(view, chosen.forward.weights_desc()));
  biases_.emplace(context.state, context.weights + 1, biases_layout(context));
  if (goes_backward(context.purpose)) make_backward(chosen, context, view);
}

void WeightedLayer::make_backward(const WeightedDescriptions& chosen, const CompileContext& context,
                                  const ParameterView& view) {
  if (context.parameter_gradient == ParameterGradient::wanted) {
    backward_weights_ = Primitive::make(*chosen.backward_weights);
    gradient_.emplace(context.state, context.weights,
                      layout(view, chosen.backward_weights->diff_weights_desc()));
    bias_gradient_.emplace(context.state, context.weights + 1, biases_layout(context));
  }
  if (!chosen.backward_data) return;
  backward_data_ = Primitive::make(*chosen.backward_data);
  if (chosen.backward_data->weights_desc() == weights_->desc()) return;
  data_weights_.emplace(context.state, context.weights,
                        layout(view, chosen.backward_data->weights_desc()));
}

void WeightedLayer::forward(const Pass& pass) {
  execute(pass.device, forward_, pass.scratch,
          {{DNNL_ARG_SRC, src_, pass.src.data},
           {DNNL_ARG_WEIGHTS, weights_->desc(), weights_->values()},
           {DNNL_ARG_BIAS, biases_->desc(), biases_->values()},
           {DNNL_ARG_DST, dst_, pass.dst.data}});
}

void WeightedLayer::backward(const Pass& pass) {
  if (gradient_) backward_parameters(pass);
  if (pass.diff_src) backward_input(pass);
}

void WeightedLayer::backward_parameters(const Pass& pass) {
  execute(pass.device, backward_weights_, pass.scratch,
          {{DNNL_ARG_SRC, src_, pass.src.data},
           {DNNL_ARG_DIFF_DST, diff_dst_, pass.diff_dst.data},
           {DNNL_ARG_DIFF_WEIGHTS, gradient_->desc(), gradient_->target()},
           {DNNL_ARG_DIFF_BIAS, bias_gradient_->desc(), bias_gradient_->target()}});
  gradient_->finish();
  bias_gradient_->finish();
}

void WeightedLayer::backward_input(const Pass& pass) {
  ValuesUse& weights = data_weights_ ? *data_weights_ : *weights_;
  execute(pass.device, backward_data_, pass.scratch,
          {{DNNL_ARG_DIFF_DST, diff_dst_, pass.diff_dst.data},
           {DNNL_ARG_WEIGHTS, weights.desc(), weights.values()},
           {DNNL_ARG_DIFF_SRC, src_, pass.diff_src.data}});
}

std::size_t WeightedLayer::scratch_bytes() const {
  return std::max({forward_.scratch_bytes(), backward_data_.scratch_bytes(),
                   backward_weights_.scratch_bytes()});
}

std::size_t WeightedLayer::private_bytes() const {
  std::size_t bytes = weights_->bytes() + biases_->bytes();
  if (gradient_) bytes += gradient_->bytes() + bias_gradient_->bytes();
  if (data_weights_) bytes += data_weights_->bytes();
  return bytes;
}

void WeightedLayer::describe(std::vector<Implementation>& into) const {
  into.push_back({name_, "forward", forward_.name});
  if (backward_data_.run) into.push_back({name_, "backward data", backward_data_.name});
  if (backward_weights_.run) into.push_back({name_, "backward weights", backward_weights_.name});
}

}  // namespace sluice::onednn
