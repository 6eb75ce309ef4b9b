#include <variant>

#include "tests/bench/step_primitives.h"

namespace sluice::bench {
namespace {

using dnnl::memory;

memory::desc plane(int batch, const Shape& row) {
  return {{batch, row[0], row[1], row[2]}, memory::data_type::f32, memory::format_tag::nhwc};
}
memory::desc flat(int batch, const Shape& row) {
  return {{batch, row.elements()}, memory::data_type::f32, memory::format_tag::ab};
}
memory::desc any(const memory::dims& dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}
memory::desc biases(memory::dim count) {
  return {{count}, memory::data_type::f32, memory::format_tag::a};
}

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
  LayerShapes shapes;
  dnnl::primitive_attr forward;

  std::vector<BarePass> operator()(const Conv2d& spec) const {
    using namespace dnnl;
    constexpr auto kDirect = algorithm::convolution_direct;
    const memory::dim k = spec.kernel, groups = spec.groups;
    const memory::dim in = shapes.in[0], out = spec.out_channels;
    const auto weights = any(groups == 1 ? memory::dims{out, in, k, k}
                                         : memory::dims{groups, out / groups, in / groups, k, k});
    const auto src = plane(batch, shapes.in), dst = plane(batch, shapes.out);
    const memory::dims stride(2, spec.stride), before(2, spec.pad.before), after(2, spec.pad.after);
    const convolution_forward::primitive_desc there(engine, prop_kind::forward_training, kDirect,
                                                    src, weights, biases(out), dst, stride, before,
                                                    after, forward);
    const convolution_backward_data::primitive_desc data(engine, kDirect, src, weights, dst, stride,
                                                         before, after, there, plain());
    const convolution_backward_weights::primitive_desc gradient(
        engine, kDirect, src, weights, biases(out), dst, stride, before, after, there, plain());
    return {{"forward", there, convolution_forward(there)},
            {"backward data", data, convolution_backward_data(data)},
            {"backward weights", gradient, convolution_backward_weights(gradient)}};
  }

  std::vector<BarePass> operator()(const FullyConnected& spec) const {
    using namespace dnnl;
    const auto weights = any({spec.out_features, shapes.in.elements()});
    const auto bias = biases(spec.out_features);
    const auto src = flat(batch, shapes.in), dst = flat(batch, shapes.out);
    const inner_product_forward::primitive_desc there(engine, prop_kind::forward_training, src,
                                                      weights, bias, dst, forward);
    const inner_product_backward_data::primitive_desc data(engine, src, weights, dst, there,
                                                           plain());
    const inner_product_backward_weights::primitive_desc gradient(engine, src, weights, bias, dst,
                                                                  there, plain());
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
                                  int batch) {
  const bool relu_behind =
      layer + 1 < net.layers.size() && std::holds_alternative<Relu>(net.layers[layer + 1].spec);
  const Describe describe{.engine = engine,
                          .batch = batch,
                          .shapes = infer_shapes(net)[layer],
                          .forward = relu_behind ? with_relu() : plain()};
  return std::visit(describe, net.layers[layer].spec);
}

}  // namespace sluice::bench
