#include "runtime/backend/onednn/compiled_layer.h"

#include "runtime/backend/onednn/conv2d.h"
#include "runtime/backend/onednn/fully_connected.h"
#include "runtime/error.h"

namespace sluice::onednn {
namespace {

struct Compile {
  const CompileContext& context;

  CompiledLayer operator()(const Conv2d& spec) const { return conv2d_layer(spec, context); }
  CompiledLayer operator()(const Relu&) const { return ReluLayer(context); }
  CompiledLayer operator()(const Lrn& spec) const { return LrnLayer(spec, context); }
  CompiledLayer operator()(const MaxPool& spec) const {
    if (context.lrn) return LrnPoolLayer(*context.lrn, spec, context);
    return MaxPoolLayer(spec, context);
  }
  CompiledLayer operator()(const FullyConnected& spec) const {
    return fully_connected_layer(spec, context);
  }
  CompiledLayer operator()(const Dropout& spec) const { return DropoutLayer(spec, context); }
  CompiledLayer operator()(const SoftmaxLoss&) const { return SoftmaxLossLayer(context); }
};

// Layers whose work oneDNN does.
template <class Layer>
concept HasPrimitives = requires(const Layer& layer) {
  layer.private_bytes();
};
template <class Layer>
concept HasScratch = requires(const Layer& layer) {
  layer.scratch_bytes();
};

}  // namespace

CompiledLayer compile_layer(const LayerSpec& spec, const CompileContext& context) {
  try {
    return std::visit(Compile{context}, spec);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory)
      fail_run(error, fmt::format("compile the layer {}", context.layer));
    fail(ErrorKind::usage,
         "layer {}: oneDNN cannot compile it ({}); valid is the reference backend", context.layer,
         error.what());
  }
}

std::size_t scratch_bytes(const CompiledLayer& layer) {
  return std::visit(
      [](const auto& l) -> std::size_t {
        if constexpr (HasScratch<std::decay_t<decltype(l)>>) return l.scratch_bytes();
        return 0;
      },
      layer);
}

std::size_t private_bytes(const CompiledLayer& layer) {
  return std::visit(
      [](const auto& l) -> std::size_t {
        if constexpr (HasPrimitives<std::decay_t<decltype(l)>>) return l.private_bytes();
        return 0;
      },
      layer);
}

void describe(const CompiledLayer& layer, std::vector<Implementation>& into) {
  std::visit(
      [&](const auto& l) {
        if constexpr (HasPrimitives<std::decay_t<decltype(l)>>) l.describe(into);
      },
      layer);
}

}  // namespace sluice::onednn
