#include <algorithm>

#include "runtime/backend/cudnn/draft.h"

namespace sluice::cudnn {
namespace {

// Pixels whose gradients one thread adds up, and how many such sums a channel has at most.
constexpr std::int64_t kPixelsAPart = 256;
constexpr std::int64_t kMostParts = 1024;

enum class InputGradient { unwanted, wanted };

// The operations of one layer's backward. Takes the gradient of the layer's output and leaves that
// of its input.
class Backward {
 public:
  Backward(Draft& draft, std::size_t layer, InputGradient wanted, Array& gradient)
      : draft_(draft), layer_(layer), wanted_(wanted), gradient_(gradient) {}

  void operator()(const Conv2d& conv) {
    const ConvolutionShape shape = convolution_shape(draft_, layer_, conv);
    if (learns()) {
      add_bias_gradient(shape.out);
      add(ConvolutionBackwardWeights{.shape = shape,
                                     .out_gradient = gradient_,
                                     .in = draft_.source(layer_),
                                     .weights_gradient = weights_gradient()});
    }
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(ConvolutionBackwardData{.shape = shape,
                                .out_gradient = out_gradient,
                                .weights = draft_.weights_of(layer_),
                                .in_gradient = gradient_});
  }
  void operator()(const PartialConv2d& conv) {
    const Array table = draft_.of.parameters.table(layer_);
    const Plane in = draft_.in(layer_), out = draft_.out(layer_);
    const int connections = static_cast<int>(table.count / 2);
    if (learns()) {
      add_bias_gradient(out);
      add(PartialConvolutionBackwardWeights{.in = in,
                                            .out = out,
                                            .kernel = conv.kernel,
                                            .connections = connections,
                                            .table = table,
                                            .out_gradient = gradient_,
                                            .source = draft_.source(layer_),
                                            .weights_gradient = weights_gradient()});
    }
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(PartialConvolutionBackwardData{.in = in,
                                       .out = out,
                                       .kernel = conv.kernel,
                                       .connections = connections,
                                       .table = table,
                                       .out_gradient = out_gradient,
                                       .weights = draft_.weights_of(layer_),
                                       .in_gradient = gradient_});
  }
  void operator()(const Relu&) {
    if (!wanted()) return;
    add(ReluBackward{.values = values(),
                     .out = draft_.results[layer_],
                     .out_gradient = gradient_,
                     .in_gradient = gradient_});
  }
  void operator()(const Tanh& tanh) {
    if (!wanted()) return;
    add(TanhBackward{.values = values(),
                     .spec = tanh,
                     .out = draft_.results[layer_],
                     .out_gradient = gradient_,
                     .in_gradient = gradient_});
  }
  void operator()(const Lrn& lrn) {
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(LrnBackward{.plane = draft_.in(layer_),
                    .spec = lrn,
                    .in = draft_.source(layer_),
                    .out_gradient = out_gradient,
                    .in_gradient = gradient_});
  }
  void operator()(const SameMapLrn& lrn) {
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(SameMapLrnBackward{.plane = draft_.in(layer_),
                           .spec = lrn,
                           .in = draft_.source(layer_),
                           .out_gradient = out_gradient,
                           .in_gradient = gradient_});
  }
  void operator()(const MaxPool& pool) {
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(MaxPoolBackward{.in = draft_.in(layer_),
                        .out = draft_.out(layer_),
                        .kernel = pool.kernel,
                        .stride = pool.stride,
                        .argmax = draft_.notes[layer_],
                        .out_gradient = out_gradient,
                        .in_gradient = gradient_});
  }
  void operator()(const Subsample& subsample) {
    const Plane in = draft_.in(layer_), out = draft_.out(layer_);
    if (learns()) {
      add_bias_gradient(out);
      add(SubsampleBackwardWeights{.in = in,
                                   .out = out,
                                   .side = subsample.side,
                                   .out_gradient = gradient_,
                                   .source = draft_.source(layer_),
                                   .coefficients_gradient = weights_gradient()});
    }
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(SubsampleBackwardData{.in = in,
                              .out = out,
                              .side = subsample.side,
                              .out_gradient = out_gradient,
                              .coefficients = draft_.weights_of(layer_),
                              .in_gradient = gradient_});
  }
  void operator()(const FullyConnected&) {
    const ProductShape shape = product_shape(draft_, layer_);
    if (learns()) {
      add_bias_gradient(draft_.out(layer_));
      add(ProductBackwardWeights{.shape = shape,
                                 .out_gradient = gradient_,
                                 .in = draft_.source(layer_),
                                 .weights_gradient = weights_gradient()});
    }
    if (!wanted()) return;
    const Array out_gradient = pass_on();
    add(ProductBackwardData{.shape = shape,
                            .out_gradient = out_gradient,
                            .weights = draft_.weights_of(layer_),
                            .in_gradient = gradient_});
  }
  void operator()(const Dropout& dropout) {
    if (!wanted()) return;
    add(DropoutBackward{.values = values(),
                        .kept_factor = kept_factor(dropout, Purpose::training),
                        .kept = draft_.notes[layer_],
                        .out_gradient = gradient_,
                        .in_gradient = gradient_});
  }
  void operator()(const Windows&) {}     // refused before
  void operator()(const WindowMean&) {}  // likewise
  void operator()(const Rbf& rbf) {
    if (!wanted()) return;
    const Array scores_gradient = pass_on();
    add(RbfBackward{.rows = draft_.of.options.batch,
                    .features = draft_.in(layer_).channels,
                    .classes = static_cast<int>(rbf.codes.size()),
                    .codes = draft_.of.parameters.table(layer_),
                    .in = draft_.source(layer_),
                    .scores_gradient = scores_gradient,
                    .in_gradient = gradient_});
  }
  void operator()(const SoftmaxLoss& loss) { add_loss(loss); }
  void operator()(const HingeLoss& loss) { add_loss(loss); }
  void operator()(const MapLoss& loss) { add_loss(loss); }

 private:
  bool learns() const { return sluice::cudnn::learns(draft_.of.net.layers[layer_]); }
  bool wanted() const { return wanted_ == InputGradient::wanted; }
  std::int64_t values() const { return draft_.out(layer_).values(); }
  Array weights_gradient() const { return draft_.of.parameters.gradient(draft_.weights[layer_]); }

  void add(OperationKind what) {
    draft_.plan.backward.push_back({draft_.of.net.layers[layer_].name, std::move(what)});
  }
  // Makes the input's gradient the one at hand; returns what was.
  Array pass_on() {
    return std::exchange(gradient_,
                         draft_.make(draft_.in(layer_).values(), draft_.of.options.precision));
  }
  void add_bias_gradient(const Plane& out) {
    const std::int64_t pixels = out.pixels();
    const std::int64_t parts = std::clamp(pixels / kPixelsAPart, std::int64_t{1}, kMostParts);
    add(BiasGradient{.pixels = pixels,
                     .channels = out.channels,
                     .parts = static_cast<int>(parts),
                     .out_gradient = gradient_,
                     .partial = draft_.make(parts * out.channels, Precision::f32),
                     .biases_gradient = draft_.of.parameters.gradient(draft_.weights[layer_] + 1)});
  }
  void add_loss(const auto& loss) {
    if (!wanted()) return;
    (void)pass_on();
    add(LossBackward{.rows = draft_.of.options.batch,
                     .classes = draft_.in(layer_).channels,
                     .spec = loss,
                     .scores = draft_.source(layer_),
                     .labels = draft_.plan.step.labels,
                     .row_weights = draft_.plan.step.row_weights,
                     .other_labels = draft_.plan.step.other_labels,
                     .other_shares = draft_.plan.step.other_shares,
                     .scores_gradient = gradient_});
  }

  Draft& draft_;
  std::size_t layer_;
  InputGradient wanted_;
  Array& gradient_;
};

// Nothing does the backward of a layer that forward leaves out, but of a ReLU inside its neighbour.
bool has_backward(const Draft& draft, std::size_t layer) {
  return !draft.layers[layer].absent ||
         std::holds_alternative<Relu>(draft.of.net.layers[layer].spec);
}

}  // namespace

// Gradients flow back to the output of the first layer that learns.
void add_backward(Draft& draft) {
  const std::vector<Layer>& layers = draft.of.net.layers;
  const auto first = static_cast<std::size_t>(
      std::ranges::find_if(layers, [](const Layer& layer) { return learns(layer); }) -
      layers.begin());
  Array gradient;
  for (std::size_t i = layers.size(); i-- > first;) {
    if (!has_backward(draft, i)) continue;
    const auto wanted = i > first ? InputGradient::wanted : InputGradient::unwanted;
    std::visit(Backward(draft, i, wanted, gradient), layers[i].spec);
  }
}

}  // namespace sluice::cudnn
