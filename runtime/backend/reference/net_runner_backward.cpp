// Gradients of a whole net.
#include "runtime/backend/reference/conv2d.h"
#include "runtime/backend/reference/dropout.h"
#include "runtime/backend/reference/fully_connected.h"
#include "runtime/backend/reference/hinge_loss.h"
#include "runtime/backend/reference/lrn.h"
#include "runtime/backend/reference/map_loss.h"
#include "runtime/backend/reference/max_pool.h"
#include "runtime/backend/reference/net_runner.h"
#include "runtime/backend/reference/partial_conv2d.h"
#include "runtime/backend/reference/rbf.h"
#include "runtime/backend/reference/relu.h"
#include "runtime/backend/reference/same_map_lrn.h"
#include "runtime/backend/reference/softmax_loss.h"
#include "runtime/backend/reference/subsample.h"
#include "runtime/backend/reference/tanh.h"
#include "runtime/backend/reference/windows.h"

namespace sluice::reference {

// One layer's backward: reads its input and the gradient of its output, writes the gradients of its
// input and of its parameters.
template <class T>
struct NetRunner<T>::Backward {
  NetRunner& runner;
  const LayerPlace& place;
  std::span<const T> in;
  std::span<const T> out_gradient;
  std::span<T> in_gradient;

  std::span<const T> weights() const { return runner.parameters_[place.weights]; }
  std::span<T> weight_gradient() const { return runner.gradients_[place.weights]; }
  std::span<T> bias_gradient() const { return runner.gradients_[place.weights + 1]; }
  Targets targets() const {
    return {runner.labels_, runner.row_weights_, runner.other_labels_, runner.other_shares_};
  }

  void operator()(const Conv2d& conv) const {
    conv2d_backward_input<T>(conv, place.shapes, out_gradient, weights(), in_gradient);
    if (!runner.learns()) return;
    conv2d_backward_weights<T>(conv, place.shapes, in, out_gradient, weight_gradient());
    conv2d_backward_biases<T>(place.shapes, out_gradient, bias_gradient());
  }
  void operator()(const PartialConv2d& conv) const {
    partial_conv2d_backward_input<T>(conv, place.shapes, out_gradient, weights(), in_gradient);
    if (!runner.learns()) return;
    partial_conv2d_backward_weights<T>(conv, place.shapes, in, out_gradient, weight_gradient());
    conv2d_backward_biases<T>(place.shapes, out_gradient, bias_gradient());
  }
  void operator()(const Relu&) const { relu_backward<T>(in, out_gradient, in_gradient); }
  void operator()(const Tanh& tanh) const { tanh_backward<T>(tanh, in, out_gradient, in_gradient); }
  void operator()(const Lrn& lrn) const {
    lrn_backward<T>(lrn, place.shapes, in, out_gradient, in_gradient);
  }
  void operator()(const SameMapLrn& lrn) const {
    same_map_lrn_backward<T>(lrn, place.shapes, in, out_gradient, in_gradient);
  }
  void operator()(const Subsample&) const {
    subsample_backward_input<T>(place.shapes, out_gradient, weights(), in_gradient);
    if (!runner.learns()) return;
    subsample_backward_coefficients<T>(place.shapes, in, out_gradient, weight_gradient());
    conv2d_backward_biases<T>(place.shapes, out_gradient, bias_gradient());
  }
  void operator()(const MaxPool&) const {
    max_pool_backward<T>(out_gradient, place.winners, in_gradient);
  }
  void operator()(const FullyConnected&) const {
    fully_connected_backward_input<T>(place.shapes, out_gradient, weights(), in_gradient);
    if (!runner.learns()) return;
    fully_connected_backward_weights<T>(place.shapes, in, out_gradient, weight_gradient());
    fully_connected_backward_biases<T>(place.shapes, out_gradient, bias_gradient());
  }
  void operator()(const Dropout& dropout) const {
    // Without masks it is one factor, the same both ways.
    if (!runner.drops_) return dropout_evaluation<T>(dropout, out_gradient, in_gradient);
    dropout_backward<T>(dropout, out_gradient, place.kept, in_gradient);
  }
  void operator()(const Windows&) const {
    windows_backward<T>(place.shapes, out_gradient, in_gradient);
  }
  void operator()(const WindowMean&) const {
    window_mean_backward<T>(place.shapes, out_gradient, in_gradient);
  }
  void operator()(const Rbf& rbf) const {
    rbf_backward<T>(rbf, place.shapes, in, out_gradient, in_gradient);
  }
  void operator()(const SoftmaxLoss&) const {
    softmax_loss_backward<T>(place.shapes, in, targets(), in_gradient);
  }
  void operator()(const HingeLoss& hinge) const {
    hinge_loss_backward<T>(hinge, place.shapes, in, targets(), in_gradient);
  }
  void operator()(const MapLoss& loss) const {
    map_loss_backward<T>(loss, place.shapes, in, targets(), in_gradient);
  }
};

template <class T>
void NetRunner<T>::backward() {
  std::size_t above = places_.size();
  if (purpose_ == Purpose::row_gradients) {
    --above;  // the loss is left out
    label_slopes<T>(static_cast<std::size_t>(places_[above].shapes.in.elements()),
                    {labels_, row_weights_, other_labels_, other_shares_},
                    activation_gradients_[above]);
  }
  for (std::size_t i = above; i-- > 0;) {
    timed(i, &LayerRecord::backward_seconds, [&] {
      std::visit(Backward{*this, places_[i], activations_[i], activation_gradients_[i + 1],
                          activation_gradients_[i]},
                 net_.layers[i].spec);
    });
  }
}

template void NetRunner<float>::backward();
template void NetRunner<double>::backward();

}  // namespace sluice::reference
