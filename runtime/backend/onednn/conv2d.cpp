#include "runtime/backend/onednn/conv2d.h"

#include "runtime/backend/onednn/fully_connected.h"

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

// One window for the whole plane: a fully connected layer, to the order of its weights.
bool covers_plane(const Conv2d& spec, const Shape& in) {
  return spec.kernel == in[1] && spec.kernel == in[2] && spec.pad == Padding{} && spec.groups == 1;
}

// Makes the three descriptions for given weights.
struct Maker {
  const Conv2d& spec;
  const CompileContext& context;
  memory::desc src = plane_desc(context.batch, context.in, context.precision);
  memory::desc dst = plane_desc(context.batch, context.out, context.out_element);
  memory::desc diff_dst = plane_desc(context.batch, context.out, context.precision);
  memory::desc bias = bias_desc(spec.out_channels);
  memory::dims stride{spec.stride, spec.stride};
  memory::dims before{spec.pad.before, spec.pad.before};
  memory::dims after{spec.pad.after, spec.pad.after};

  Forward::primitive_desc forward(const memory::desc& weights) const {
    const auto kind = goes_backward(context.purpose) ? dnnl::prop_kind::forward_training
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
    return backward<BackwardData::primitive_desc>(hint, src, weights, diff_dst);
  }
  BackwardWeights::primitive_desc weights(const memory::desc& gradient,
                                          const Forward::primitive_desc& hint) const {
    return backward<BackwardWeights::primitive_desc>(hint, src, gradient, bias, diff_dst);
  }

 private:
  template <class Description, class... Descs>
  Description backward(const Forward::primitive_desc& hint, const Descs&... arrays) const {
    return {context.device.engine,
            dnnl::algorithm::convolution_direct,
            arrays...,
            stride,
            before,
            after,
            hint,
            attributes()};
  }
};

}  // namespace

WeightedLayer conv2d_layer(const Conv2d& spec, const CompileContext& context) {
  if (covers_plane(spec, context.in)) {
    return fully_connected_layer({.out_features = spec.out_channels}, context);
  }
  return conv2d_layer(spec, {}, context);
}

WeightedLayer conv2d_layer(const Conv2d& spec, std::vector<std::int64_t> blocks,
                           const CompileContext& context) {
  const Maker make{.spec = spec, .context = context};
  const WeightedArrays arrays{.src = make.src,
                              .dst = make.dst,
                              .diff_dst = make.diff_dst,
                              .weights = {.dims = weight_dims(spec, context.in),
                                          .channels = 1,
                                          .pixels = 1,
                                          .blocks = std::move(blocks)}};
  return {context, arrays, describe_with(make, context, arrays.weights)};
}

}  // namespace sluice::onednn
