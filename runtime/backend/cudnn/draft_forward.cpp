#include "runtime/backend/cudnn/draft.h"
#include "runtime/error.h"
#include "runtime/net/dropout_mask.h"

namespace sluice::cudnn {
namespace {

// The operation of one layer, whose result has its array already.
struct Forward {
  Draft& draft;
  std::size_t layer;

  const Array& source() const { return draft.source(layer); }
  const Array& result() const { return draft.results[layer]; }
  const std::string& name() const { return draft.of.net.layers[layer].name; }
  std::int64_t values() const { return draft.out(layer).values(); }

  OperationKind operator()(const Conv2d& conv) const {
    return ConvolutionForward{.shape = convolution_shape(conv),
                              .relu = draft.layers[layer].relu_inside,
                              .in = source(),
                              .weights = draft.weights_of(layer),
                              .biases = draft.biases_of(layer),
                              .out = result()};
  }
  OperationKind operator()(const PartialConv2d& conv) const {
    const Array table = draft.of.parameters.table(layer);
    return PartialConvolutionForward{.in = draft.in(layer),
                                     .out = draft.out(layer),
                                     .kernel = conv.kernel,
                                     .connections = static_cast<int>(table.count / 2),
                                     .table = table,
                                     .source = source(),
                                     .weights = draft.weights_of(layer),
                                     .biases = draft.biases_of(layer),
                                     .result = result()};
  }
  OperationKind operator()(const Relu&) const {
    return ReluForward{.values = values(), .in = source(), .out = result()};
  }
  OperationKind operator()(const Tanh& tanh) const {
    return TanhForward{.values = values(), .spec = tanh, .in = source(), .out = result()};
  }
  OperationKind operator()(const Lrn& lrn) const {
    return LrnForward{.plane = draft.out(layer), .spec = lrn, .in = source(), .out = result()};
  }
  OperationKind operator()(const SameMapLrn& lrn) const {
    return SameMapLrnForward{
        .plane = draft.out(layer), .spec = lrn, .in = source(), .out = result()};
  }
  OperationKind operator()(const MaxPool& pool) const {
    if (draft.training()) draft.notes[layer] = draft.make_bytes(values());
    return MaxPoolForward{.in = draft.in(layer),
                          .out = draft.out(layer),
                          .kernel = pool.kernel,
                          .stride = pool.stride,
                          .source = source(),
                          .result = result(),
                          .argmax = draft.notes[layer]};
  }
  OperationKind operator()(const Subsample& subsample) const {
    return SubsampleForward{.in = draft.in(layer),
                            .out = draft.out(layer),
                            .side = subsample.side,
                            .source = source(),
                            .coefficients = draft.weights_of(layer),
                            .biases = draft.biases_of(layer),
                            .result = result()};
  }
  OperationKind operator()(const FullyConnected&) const {
    return ProductForward{.shape = product_shape(),
                          .relu = draft.layers[layer].relu_inside,
                          .in = source(),
                          .weights = draft.weights_of(layer),
                          .biases = draft.biases_of(layer),
                          .out = result()};
  }
  OperationKind operator()(const Dropout& dropout) const {
    if (draft.training()) draft.notes[layer] = draft.make_bytes(values());
    return DropoutForward{.plane = draft.out(layer),
                          .drop = dropout.drop,
                          .kept_factor = kept_factor(dropout, draft.of.options.purpose),
                          .stream = dropout_stream(name()),
                          .in = source(),
                          .out = result(),
                          .kept = draft.notes[layer]};
  }
  // Refused before (program.cpp).
  OperationKind operator()(const Windows&) const { return refused(); }
  OperationKind operator()(const WindowMean&) const { return refused(); }
  OperationKind operator()(const Rbf& rbf) const {
    const Plane in = draft.in(layer);
    return RbfForward{.rows = in.rows,
                      .features = in.channels,
                      .classes = static_cast<int>(rbf.codes.size()),
                      .codes = draft.of.parameters.table(layer),
                      .in = source(),
                      .scores = result()};
  }
  OperationKind operator()(const SoftmaxLoss& loss) const { return loss_of(loss); }
  OperationKind operator()(const HingeLoss& loss) const { return loss_of(loss); }
  OperationKind operator()(const MapLoss& loss) const { return loss_of(loss); }

  [[noreturn]] OperationKind refused() const {
    fail(ErrorKind::usage, "layer {}: the cudnn backend has no {}", name(),
         layer_kind(draft.of.net.layers[layer].spec));
  }

 private:
  ConvolutionShape convolution_shape(const Conv2d& conv) const {
    return sluice::cudnn::convolution_shape(draft, layer, conv);
  }
  ProductShape product_shape() const { return sluice::cudnn::product_shape(draft, layer); }
  OperationKind loss_of(const auto& loss) const {
    const Plane in = draft.in(layer);
    return LossForward{.rows = in.rows,
                       .classes = in.channels,
                       .spec = loss,
                       .scores = source(),
                       .labels = draft.plan.step.labels,
                       .row_weights = draft.plan.step.row_weights,
                       .other_labels = draft.plan.step.other_labels,
                       .other_shares = draft.plan.step.other_shares,
                       .losses = result()};
  }
};

void add_rows(Draft& draft) {
  const Plane plane = draft.in(0);
  draft.rows = draft.make(plane.values(), draft.of.options.precision);
  const Array from{Home::input, 0, plane.values()};
  const Array& weights = draft.plan.step.row_weights;
  draft.plan.input_values = plane.values();
  draft.plan.take_rows.push_back(
      {"rows", TakeRows{.rows = plane, .from = from, .row_weights = weights, .to = draft.rows}});
  draft.plan.take_bytes.push_back({"rows", TakeBytes{.rows = plane,
                                                     .from = from,
                                                     .transforms = draft.plan.step.transforms,
                                                     .row_weights = weights,
                                                     .to = draft.rows}});
}

// All weights in one launch; what stands between them too.
void add_rounding(Draft& draft) {
  const ParameterArrangement& parameters = draft.of.parameters;
  if (draft.of.options.precision == Precision::f32 || parameters.count() == 0) return;
  draft.plan.forward.push_back({"weights", RoundValues{.values = parameters.floats(),
                                                       .from = parameters.all_values(),
                                                       .to = parameters.all_rounded()}});
}

}  // namespace

ConvolutionShape convolution_shape(const Draft& draft, std::size_t layer, const Conv2d& conv) {
  return {.in = draft.in(layer),
          .out = draft.out(layer),
          .kernel = conv.kernel,
          .stride = conv.stride,
          .pad_before = conv.pad.before,
          .pad_after = conv.pad.after,
          .groups = conv.groups};
}

ProductShape product_shape(const Draft& draft, std::size_t layer) {
  return {.rows = draft.of.options.batch,
          .in = static_cast<int>(draft.of.shapes[layer].in.elements()),
          .out = static_cast<int>(draft.of.shapes[layer].out.elements())};
}

float kept_factor(const Dropout& dropout, Purpose purpose) {
  const double kept = 1.0 - dropout.drop;
  const bool inverted = dropout.scaling == Dropout::Scaling::inverted;
  if (purpose == Purpose::evaluation) return inverted ? 1.0F : static_cast<float>(kept);
  return inverted ? static_cast<float>(1.0 / kept) : 1.0F;
}

void add_forward(Draft& draft) {
  add_rows(draft);
  add_rounding(draft);
  const Net& net = draft.of.net;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const LayerPlan& plan = draft.layers[i];
    draft.results[i] = plan.absent || plan.in_place
                           ? draft.source(i)
                           : draft.make(draft.out(i).values(), draft.element(i));
    if (plan.absent) continue;
    draft.plan.forward.push_back(
        {net.layers[i].name, std::visit(Forward{draft, i}, net.layers[i].spec)});
  }
  draft.plan.losses = draft.results.back();
  draft.plan.scores = draft.source(net.layers.size() - 1);
}

}  // namespace sluice::cudnn
