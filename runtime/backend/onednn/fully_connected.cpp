#include "runtime/backend/onednn/fully_connected.h"

namespace sluice::onednn {
namespace {

using dnnl::memory;
using Forward = dnnl::inner_product_forward;
using BackwardData = dnnl::inner_product_backward_data;
using BackwardWeights = dnnl::inner_product_backward_weights;

ParameterView view_of(const FullyConnected& spec, const Shape& in) {
  ParameterView view{.dims = {spec.out_features, in.elements()}};
  if (in.rank() == 3) {
    view.channels = in[0];
    view.pixels = in[1] * in[2];
  }
  return view;
}

// Makes the three descriptions for given weights.
struct Maker {
  const FullyConnected& spec;
  const CompileContext& context;
  memory::desc src = flat_desc(context.batch, context.in, context.precision);
  memory::desc dst = flat_desc(context.batch, context.out, context.out_element);
  memory::desc diff_dst = flat_desc(context.batch, context.out, context.precision);
  memory::desc bias = bias_desc(spec.out_features);

  Forward::primitive_desc forward(const memory::desc& weights) const {
    const auto kind = goes_backward(context.purpose) ? dnnl::prop_kind::forward_training
                                                     : dnnl::prop_kind::forward_inference;
    const auto attr = context.relu == FusedRelu::yes ? attributes_with_relu() : attributes();
    return {context.device.engine, kind, src, weights, bias, dst, attr};
  }
  BackwardData::primitive_desc data(const memory::desc& weights,
                                    const Forward::primitive_desc& hint) const {
    return {context.device.engine, src, weights, diff_dst, hint, attributes()};
  }
  BackwardWeights::primitive_desc weights(const memory::desc& gradient,
                                          const Forward::primitive_desc& hint) const {
    return {context.device.engine, src, gradient, bias, diff_dst, hint, attributes()};
  }
};

}  // namespace

WeightedLayer fully_connected_layer(const FullyConnected& spec, const CompileContext& context) {
  const Maker make{.spec = spec, .context = context};
  const WeightedArrays arrays{.src = make.src,
                              .dst = make.dst,
                              .diff_dst = make.diff_dst,
                              .weights = view_of(spec, context.in)};
  return {context, arrays, describe_with(make, context, arrays.weights)};
}

}  // namespace sluice::onednn
