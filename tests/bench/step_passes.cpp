#include <variant>

#include "tests/bench/step_primitives.h"

namespace sluice::bench {
namespace {

using dnnl::memory;

constexpr auto kF32 = memory::data_type::f32;

memory::desc plane(int batch, const Shape& row, memory::data_type type) {
  return {{batch, row[0], row[1], row[2]}, type, memory::format_tag::nhwc};
}
memory::desc flat(int batch, const Shape& row, memory::data_type type) {
  return {{batch, row.elements()}, type, memory::format_tag::ab};
}
memory::desc any(const memory::dims& dims, memory::data_type type) {
  return {dims, type, memory::format_tag::any};
}
memory::desc biases(memory::dim count) { return {{count}, kF32, memory::format_tag::a}; }

dnnl::primitive_attr plain() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

dnnl::primitive_attr with_relu() {
  dnnl::post_ops operations;
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
  dnnl::primitive_attr attributes = plain();
  attributes.set_post_ops(operations);
  return attributes;
}

struct Describe {
  const dnnl::engine& engine;
  int batch;
  memory::data_type type;    // of activations, their gradients and weights
  memory::data_type result;  // of the layer's own output
  LayerShapes shapes;
  dnnl::primitive_attr forward;

  std::vector<BarePass> operator()(const Conv2d& spec) const {
    using namespace dnnl;
    constexpr auto kDirect = algorithm::convolution_direct;
    const memory::dim k = spec.kernel, groups = spec.groups;
    const memory::dim in = shapes.in[0], out = spec.out_channels;
    const auto dims = groups == 1 ? memory::dims{out, in, k, k}
                                  : memory::dims{groups, out / groups, in / groups, k, k};
    const auto weights = any(dims, type), slopes = any(dims, kF32);
    const auto src = plane(batch, shapes.in, type), dst = plane(batch, shapes.out, result);
    const auto diff_dst = plane(batch, shapes.out, type);
    const memory::dims stride(2, spec.stride), before(2, spec.pad.before), after(2, spec.pad.after);
    const convolution_forward::primitive_desc there(engine, prop_kind::forward_training, kDirect,
                                                    src, weights, biases(out), dst, stride, before,
                                                    after, forward);
    const convolution_backward_data::primitive_desc data(engine, kDirect, src, weights, diff_dst,
                                                         stride, before, after, there, plain());
    const convolution_backward_weights::primitive_desc gradient(
        engine, kDirect, src, slopes, biases(out), diff_dst, stride, before, after, there, plain());
    return {{"forward", there, convolution_forward(there)},
            {"backward data", data, convolution_backward_data(data)},
            {"backward weights", gradient, convolution_backward_weights(gradient)}};
  }

  std::vector<BarePass> operator()(const FullyConnected& spec) const {
    using namespace dnnl;
    const memory::dims dims{spec.out_features, shapes.in.elements()};
    const auto weights = any(dims, type), slopes = any(dims, kF32);
    const auto bias = biases(spec.out_features);
    const auto src = flat(batch, shapes.in, type), dst = flat(batch, shapes.out, result);
    const auto diff_dst = flat(batch, shapes.out, type);
    const inner_product_forward::primitive_desc there(engine, prop_kind::forward_training, src,
                                                      weights, bias, dst, forward);
    const inner_product_backward_data::primitive_desc data(engine, src, weights, diff_dst, there,
                                                           plain());
    const inner_product_backward_weights::primitive_desc gradient(engine, src, slopes, bias,
                                                                  diff_dst, there, plain());
    return {{"forward", there, inner_product_forward(there)},
            {"backward data", data, inner_product_backward_data(data)},
            {"backward weights", gradient, inner_product_backward_weights(gradient)}};
  }

  template <class Other>
  std::vector<BarePass> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<BarePass> bare_passes(const dnnl::engine& engine, const Net& net, std::size_t layer,
                                  const BareStep& step) {
  const bool relu_behind =
      layer + 1 < net.layers.size() && std::holds_alternative<Relu>(net.layers[layer + 1].spec);
  const auto type = step.precision == Precision::bf16 ? memory::data_type::bf16 : kF32;
  const bool scores = layer + 2 == net.layers.size();
  const Describe describe{.engine = engine,
                          .batch = step.batch,
                          .type = type,
                          .result = scores ? kF32 : type,
                          .shapes = infer_shapes(net)[layer],
                          .forward = relu_behind ? with_relu() : plain()};
  return std::visit(describe, net.layers[layer].spec);
}

}  // namespace sluice::bench
