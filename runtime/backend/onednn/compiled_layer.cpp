#include "runtime/backend/onednn/compiled_layer.h"

#include "runtime/backend/onednn/conv2d.h"
#include "runtime/backend/onednn/fully_connected.h"
#include "runtime/backend/onednn/partial_conv2d.h"
#include "runtime/error.h"

namespace sluice::onednn {
namespace {

struct Compile {
  const CompileContext& context;

  CompiledLayer operator()(const Conv2d& spec) const { return conv2d_layer(spec, context); }
  CompiledLayer operator()(const PartialConv2d& spec) const {
    return partial_conv2d_layer(spec, context);
  }
  CompiledLayer operator()(const Relu&) const { return ReluLayer(context); }
  CompiledLayer operator()(const Tanh& spec) const { return TanhLayer(spec, context); }
  CompiledLayer operator()(const Lrn& spec) const { return LrnLayer(spec, context); }
  CompiledLayer operator()(const SameMapLrn& spec) const { return SameMapLrnLayer(spec, context); }
  CompiledLayer operator()(const Subsample& spec) const { return SubsampleLayer(spec, context); }
  CompiledLayer operator()(const MaxPool& spec) const {
    if (context.lrn) return LrnPoolLayer(*context.lrn, spec, context);
    return MaxPoolLayer(spec, context);
  }
  CompiledLayer operator()(const FullyConnected& spec) const {
    return fully_connected_layer(spec, context);
  }
  CompiledLayer operator()(const Dropout& spec) const { return DropoutLayer(spec, context); }
  CompiledLayer operator()(const Windows& spec) const { return WindowsLayer(spec, context); }
  CompiledLayer operator()(const WindowMean&) const { return WindowMeanLayer(context); }
  CompiledLayer operator()(const Rbf& spec) const { return RbfLayer(spec, context); }
  CompiledLayer operator()(const SoftmaxLoss&) const { return SoftmaxLossLayer(context); }
  CompiledLayer operator()(const HingeLoss& spec) const { return HingeLossLayer(spec, context); }
  CompiledLayer operator()(const MapLoss& spec) const { return MapLossLayer(spec, context); }
};

template <class... Specs>
bool is_one_of(const LayerSpec& spec) {
  return (std::holds_alternative<Specs>(spec) || ...);
}

// Layers of the first LeNet have no bf16 form; and only what oneDNN computes widens its result to
// the scores' f32.
void check_precision(const LayerSpec& spec, const CompileContext& context) {
  if (context.precision == Precision::f32) return;
  require(!(is_one_of<PartialConv2d, Subsample, Rbf, MapLoss>(spec)),
          "layer {}: a {} cannot be computed in bf16, valid is precision f32", context.layer,
          layer_kind(spec));
  const bool widens = context.out_element == Precision::f32 && !is_loss(spec);
  require(
      !widens || is_one_of<Conv2d, FullyConnected, WindowMean>(spec),
      "layer {}: in bf16 a convolution or fully connected layer must give the scores, not a {}; "
      "valid is precision f32",
      context.layer, layer_kind(spec));
}

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
  check_precision(spec, context);
  try {
    return std::visit(Compile{context}, spec);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory)
      fail_run(error, fmt::format("compile the layer {}", context.layer));
    fail(ErrorKind::usage,
         "layer {}: oneDNN cannot compile it in {} on this processor ({}); valid is {}",
         context.layer, precision_name(context.precision), error.what(),
         context.precision == Precision::f32 ? "the reference backend" : "precision f32");
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
