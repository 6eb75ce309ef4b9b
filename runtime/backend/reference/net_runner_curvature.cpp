// Second derivatives of a whole net: curvature.h has the rule. Where a layer is linear they are its
// gradients with every factor squared.
#include <algorithm>

#include "runtime/backend/reference/conv2d.h"
#include "runtime/backend/reference/fully_connected.h"
#include "runtime/backend/reference/map_loss.h"
#include "runtime/backend/reference/max_pool.h"
#include "runtime/backend/reference/net_runner.h"
#include "runtime/backend/reference/partial_conv2d.h"
#include "runtime/backend/reference/rbf.h"
#include "runtime/backend/reference/relu.h"
#include "runtime/backend/reference/softmax_loss.h"
#include "runtime/backend/reference/subsample.h"
#include "runtime/backend/reference/tanh.h"
#include "runtime/backend/update_factors.h"

namespace sluice::reference {
namespace {

template <class T>
std::vector<T> squares(std::span<const T> values) {
  std::vector<T> squared(values.begin(), values.end());
  for (T& value : squared) value *= value;
  return squared;
}

}  // namespace

// One layer's second derivatives: reads its input and those by its output, writes those by its
// input and by its parameters.
template <class T>
struct NetRunner<T>::Curvature {
  NetRunner& runner;
  const Layer& layer;
  const LayerPlace& place;
  std::span<const T> in;
  std::span<const T> out_curvature;
  std::span<T> in_curvature;

  std::span<const T> weights() const { return runner.parameters_[place.weights]; }
  std::span<T> weight_curvature() const { return runner.gradients_[place.weights]; }
  std::span<T> bias_curvature() const { return runner.gradients_[place.weights + 1]; }
  Targets targets() const {
    return {runner.labels_, runner.row_weights_, runner.other_labels_, runner.other_shares_};
  }

  void operator()(const Conv2d& conv) const {
    conv2d_backward_input<T>(conv, place.shapes, out_curvature, squares(weights()), in_curvature);
    conv2d_backward_weights<T>(conv, place.shapes, squares(in), out_curvature, weight_curvature());
    conv2d_backward_biases<T>(place.shapes, out_curvature, bias_curvature());
  }
  void operator()(const PartialConv2d& conv) const {
    partial_conv2d_backward_input<T>(conv, place.shapes, out_curvature, squares(weights()),
                                     in_curvature);
    partial_conv2d_backward_weights<T>(conv, place.shapes, squares(in), out_curvature,
                                       weight_curvature());
    conv2d_backward_biases<T>(place.shapes, out_curvature, bias_curvature());
  }
  void operator()(const FullyConnected&) const {
    fully_connected_backward_input<T>(place.shapes, out_curvature, squares(weights()),
                                      in_curvature);
    fully_connected_backward_weights<T>(place.shapes, squares(in), out_curvature,
                                        weight_curvature());
    fully_connected_backward_biases<T>(place.shapes, out_curvature, bias_curvature());
  }
  void operator()(const Subsample&) const {
    subsample_backward_input<T>(place.shapes, out_curvature, squares(weights()), in_curvature);
    subsample_curvature_coefficients<T>(place.shapes, in, out_curvature, weight_curvature());
    conv2d_backward_biases<T>(place.shapes, out_curvature, bias_curvature());
  }
  void operator()(const Relu&) const { relu_backward<T>(in, out_curvature, in_curvature); }
  void operator()(const Tanh& tanh) const {
    tanh_curvature<T>(tanh, in, out_curvature, in_curvature);
  }
  void operator()(const MaxPool&) const {
    max_pool_backward<T>(out_curvature, place.winners, in_curvature);
  }
  void operator()(const Rbf&) const { rbf_curvature<T>(place.shapes, targets(), in_curvature); }
  void operator()(const SoftmaxLoss&) const {
    softmax_loss_curvature<T>(place.shapes, in, targets(), in_curvature);
  }
  void operator()(const MapLoss& loss) const {
    map_loss_curvature<T>(loss, place.shapes, in, targets(), in_curvature);
  }
  void operator()(const Lrn&) const { refuse_curvature(layer); }
  void operator()(const Windows&) const { refuse_curvature(layer); }
  void operator()(const WindowMean&) const { refuse_curvature(layer); }
  void operator()(const SameMapLrn&) const { refuse_curvature(layer); }
  void operator()(const Dropout&) const { refuse_curvature(layer); }
  void operator()(const HingeLoss&) const { refuse_curvature(layer); }
};

template <class T>
void NetRunner<T>::curvature() {
  for (std::size_t i = places_.size(); i-- > 0;) {
    const Layer& layer = net_.layers[i];
    std::visit(Curvature{*this, layer, places_[i], activations_[i], activation_gradients_[i + 1],
                         activation_gradients_[i]},
               layer.spec);
  }
}

// The squares of a layer's inputs beside the sums, in double, for its weights.
template <class T>
std::size_t net_runner_squares_bytes(const Net& net, int batch) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  std::size_t most = 0;
  for (const ParameterInfo& info : parameters(net)) {
    const auto inputs = static_cast<std::size_t>(batch * shapes[info.layer].in.elements());
    const auto weights = static_cast<std::size_t>(info.shape.elements());
    most = std::max(most, inputs * sizeof(T) + weights * sizeof(double));
  }
  return most;
}

template std::size_t net_runner_squares_bytes<float>(const Net&, int);
template void NetRunner<float>::curvature();
template void NetRunner<double>::curvature();

}  // namespace sluice::reference
