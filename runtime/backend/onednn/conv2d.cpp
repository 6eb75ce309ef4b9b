#include "runtime/backend/onednn/conv2d.h"

#include <algorithm>
#include <utility>

#include "runtime/backend/onednn/choose.h"

namespace sluice::onednn {
namespace {

using dnnl::memory;
using Forward = dnnl::convolution_forward;
using BackwardData = dnnl::convolution_backward_data;
using BackwardWeights = dnnl::convolution_backward_weights;

memory::dims weight_dims(const Conv2d& spec, const Shape& in) {
  const memory::dim k = spec.kernel, groups = spec.groups;
  if (groups == 1) return {spec.out_channels, in[0], k, k};
  return {groups, spec.out_channels / groups, in[0] / groups, k, k};
}

// Makes the three descriptions for given weights.
struct Maker {
  const Conv2d& spec;
  const CompileContext& context;
  memory::desc src = plane_desc(context.batch, context.in);
  memory::desc dst = plane_desc(context.batch, context.out);
  memory::desc bias = bias_desc(spec.out_channels);
  memory::dims stride{spec.stride, spec.stride};
  memory::dims before{spec.pad.before, spec.pad.before};
  memory::dims after{spec.pad.after, spec.pad.after};

  Forward::primitive_desc forward(const memory::desc& weights) const {
    const auto kind = context.purpose == Purpose::training ? dnnl::prop_kind::forward_training
                                                           : dnnl::prop_kind::forward_inference;
    return {context.device.engine,
            kind,
            dnnl::algorithm::convolution_direct,
            src,
            weights,
            bias,
            dst,
            stride,
            before,
            after,
            context.relu == FusedRelu::yes ? attributes_with_relu() : attributes()};
  }
  BackwardData::primitive_desc data(const memory::desc& weights,
                                    const Forward::primitive_desc& hint) const {
    return {context.device.engine,
            dnnl::algorithm::convolution_direct,
            src,
            weights,
            dst,
            stride,
            before,
            after,
            hint,
            attributes()};
  }
  BackwardWeights::primitive_desc weights(const memory::desc& gradient,
                                          const Forward::primitive_desc& hint) const {
    return {context.device.engine,
            dnnl::algorithm::convolution_direct,
            src,
            gradient,
            bias,
            dst,
            stride,
            before,
            after,
            hint,
            attributes()};
  }
};

}  // namespace

struct Conv2dLayer::Descriptions {
  Forward::primitive_desc forward;
  std::optional<BackwardData::primitive_desc> data;
  std::optional<BackwardWeights::primitive_desc> weights;

  Descriptions(const Maker& make, const memory::desc& any,
               const std::optional<memory::desc>& stored)
      : forward(choose([&](const memory::desc& w) { return make.forward(w); },
                       [](const auto& d) { return d.weights_desc(); }, any, stored)) {
    if (make.context.purpose == Purpose::evaluation) return;
    weights = choose([&](const memory::desc& w) { return make.weights(w, forward); },
                     [](const auto& d) { return d.diff_weights_desc(); }, any, stored);
    if (make.context.input_gradient == InputGradient::unwanted) return;
    data = choose([&](const memory::desc& w) { return make.data(w, forward); },
                  [](const auto& d) { return d.weights_desc(); }, any, stored);
  }

  WantedDescs wanted() const {
    WantedDescs descs{.forward = forward.weights_desc(), .backward_data = {}, .gradient = {}};
    if (data) descs.backward_data = data->weights_desc();
    if (weights) descs.gradient = weights->diff_weights_desc();
    return descs;
  }
};

Conv2dLayer::Conv2dLayer(const Conv2d& spec, const CompileContext& context)
    : name_(context.layer),
      src_(plane_desc(context.batch, context.in)),
      dst_(plane_desc(context.batch, context.out)) {
  const ParameterView view{.dims = weight_dims(spec, context.in)};
  const memory::desc any(view.dims, memory::data_type::f32, memory::format_tag::any);
  const Maker make{.spec = spec, .context = context};
  std::optional<memory::desc> stored = stored_desc(context.state, context.weights, view);
  if (!stored && context.purpose == Purpose::training) {
    stored = fewest_reorders(Descriptions(make, any, std::nullopt).wanted());
    context.state.set_layout(context.weights, std::make_shared<OnednnLayout>(view, *stored));
  }
  const Descriptions chosen(make, any, stored);
  forward_ = Primitive::make(chosen.forward);
  weights_.emplace(context.state, context.weights,
                   std::make_shared<OnednnLayout>(view, chosen.forward.weights_desc()));
  biases_.emplace(context.state, context.weights + 1,
                  std::make_shared<OnednnLayout>(biases_view(spec.out_channels), make.bias));
  if (context.purpose == Purpose::training) make_training(chosen, context, view);
}

void Conv2dLayer::make_training(const Descriptions& chosen, const CompileContext& context,
                                const ParameterView& view) {
  const std::int64_t count = context.out[0];
  backward_weights_ = Primitive::make(*chosen.weights);
  gradient_.emplace(context.state, context.weights,
                    std::make_shared<OnednnLayout>(view, chosen.weights->diff_weights_desc()));
  bias_gradient_.emplace(context.state, context.weights + 1,
                         std::make_shared<OnednnLayout>(biases_view(count), bias_desc(count)));
  if (!chosen.data) return;
  backward_data_ = Primitive::make(*chosen.data);
  data_weights_.emplace(context.state, context.weights,
                        std::make_shared<OnednnLayout>(view, chosen.data->weights_desc()));
}

void Conv2dLayer::forward(const Pass& pass) {
  execute(pass.device, forward_, pass.scratch,
          {{DNNL_ARG_SRC, src_, pass.src},
           {DNNL_ARG_WEIGHTS, weights_->desc(), weights_->values()},
           {DNNL_ARG_BIAS, biases_->desc(), biases_->values()},
           {DNNL_ARG_DST, dst_, pass.dst}});
}

void Conv2dLayer::backward(const Pass& pass) {
  execute(pass.device, backward_weights_, pass.scratch,
          {{DNNL_ARG_SRC, src_, pass.src},
           {DNNL_ARG_DIFF_DST, dst_, pass.diff_dst},
           {DNNL_ARG_DIFF_WEIGHTS, gradient_->desc(), gradient_->target()},
           {DNNL_ARG_DIFF_BIAS, bias_gradient_->desc(), bias_gradient_->target()}});
  gradient_->finish();
  bias_gradient_->finish();
  if (pass.diff_src == nullptr) return;
  execute(pass.device, backward_data_, pass.scratch,
          {{DNNL_ARG_DIFF_DST, dst_, pass.diff_dst},
           {DNNL_ARG_WEIGHTS, data_weights_->desc(), data_weights_->values()},
           {DNNL_ARG_DIFF_SRC, src_, pass.diff_src}});
}

std::size_t Conv2dLayer::scratch_bytes() const {
  return std::max({forward_.scratch_bytes(), backward_data_.scratch_bytes(),
                   backward_weights_.scratch_bytes()});
}

std::size_t Conv2dLayer::private_bytes() const {
  std::size_t bytes = weights_->bytes() + biases_->bytes();
  if (gradient_) bytes += gradient_->bytes() + bias_gradient_->bytes();
  if (data_weights_) bytes += data_weights_->bytes();
  return bytes;
}

void Conv2dLayer::describe(std::vector<Implementation>& into) const {
  into.push_back({name_, "forward", forward_.name});
  if (backward_data_.run) into.push_back({name_, "backward data", backward_data_.name});
  if (backward_weights_.run) into.push_back({name_, "backward weights", backward_weights_.name});
}

}  // namespace sluice::onednn
