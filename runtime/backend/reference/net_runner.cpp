#include "runtime/backend/reference/net_runner.h"

#include <algorithm>

#include "runtime/backend/reference/conv2d.h"
#include "runtime/backend/reference/dropout.h"
#include "runtime/backend/reference/fully_connected.h"
#include "runtime/backend/reference/lrn.h"
#include "runtime/backend/reference/max_pool.h"
#include "runtime/backend/reference/relu.h"
#include "runtime/backend/reference/softmax_loss.h"
#include "runtime/error.h"
#include "runtime/net/dropout_mask.h"

namespace sluice::reference {
namespace {

bool ends_in_loss(const Net& net) {
  return !net.layers.empty() && std::holds_alternative<SoftmaxLoss>(net.layers.back().spec);
}

std::size_t count(std::int64_t elements) { return static_cast<std::size_t>(elements); }

}  // namespace

// One layer's forward: reads `in`, writes `out`.
template <class T>
struct NetRunner<T>::Forward {
  NetRunner& runner;
  const RunnerInput<T>& input;
  const Layer& layer;
  LayerPlace& place;
  std::span<const T> in;
  std::span<T> out;

  std::span<const T> weights() const { return runner.parameters_[place.weights]; }
  std::span<const T> biases() const { return runner.parameters_[place.weights + 1]; }

  void operator()(const Conv2d& conv) const {
    conv2d_forward<T>(conv, place.shapes, in, weights(), biases(), out);
  }
  void operator()(const Relu&) const { relu_forward<T>(in, out); }
  void operator()(const Lrn& lrn) const { lrn_forward<T>(lrn, place.shapes, in, out); }
  void operator()(const MaxPool& pool) const {
    max_pool_forward<T>(pool, place.shapes, in, out, place.winners);
  }
  void operator()(const FullyConnected&) const {
    fully_connected_forward<T>(place.shapes, in, weights(), biases(), out);
  }
  void operator()(const Dropout& dropout) const {
    if (runner.purpose_ == Purpose::evaluation) return dropout_evaluation<T>(dropout, in, out);
    draw_masks(dropout);
    dropout_training<T>(dropout, in, place.kept, out);
  }
  void operator()(const SoftmaxLoss&) const {
    softmax_loss_forward<T>(place.shapes, in, {runner.labels_, runner.row_weights_}, out);
  }

  void draw_masks(const Dropout& dropout) const {
    const DropoutKey key{input.seed, input.step, dropout_stream(layer.name)};
    const std::size_t units = count(place.shapes.in.elements());
    const std::span<std::uint8_t> kept = place.kept;
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(place.shapes.rows); ++row) {
      dropout_mask(key, dropout.drop, input.first_row + row, kept.subspan(row * units, units));
    }
  }
};

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

  void operator()(const Conv2d& conv) const {
    conv2d_backward_input<T>(conv, place.shapes, out_gradient, weights(), in_gradient);
    conv2d_backward_weights<T>(conv, place.shapes, in, out_gradient, weight_gradient());
    conv2d_backward_biases<T>(place.shapes, out_gradient, bias_gradient());
  }
  void operator()(const Relu&) const { relu_backward<T>(in, out_gradient, in_gradient); }
  void operator()(const Lrn& lrn) const {
    lrn_backward<T>(lrn, place.shapes, in, out_gradient, in_gradient);
  }
  void operator()(const MaxPool&) const {
    max_pool_backward<T>(out_gradient, place.winners, in_gradient);
  }
  void operator()(const FullyConnected&) const {
    fully_connected_backward_input<T>(place.shapes, out_gradient, weights(), in_gradient);
    fully_connected_backward_weights<T>(place.shapes, in, out_gradient, weight_gradient());
    fully_connected_backward_biases<T>(place.shapes, out_gradient, bias_gradient());
  }
  void operator()(const Dropout& dropout) const {
    dropout_backward<T>(dropout, out_gradient, place.kept, in_gradient);
  }
  void operator()(const SoftmaxLoss&) const {
    softmax_loss_backward<T>(place.shapes, in, {runner.labels_, runner.row_weights_}, in_gradient);
  }
};

template <class T>
std::size_t net_runner_bytes(const Net& net, int batch, Purpose purpose) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  const std::size_t copies = purpose == Purpose::training ? 2 : 1;  // values, gradients
  const std::size_t rows = count(batch);
  std::size_t bytes = copies * count(parameter_count(net)) * sizeof(T);
  bytes += copies * rows * count(shapes.front().in.elements()) * sizeof(T);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::size_t outputs = rows * count(shapes[i].out.elements());
    bytes += copies * outputs * sizeof(T);
    if (std::holds_alternative<MaxPool>(net.layers[i].spec)) bytes += outputs * sizeof(std::size_t);
    if (std::holds_alternative<Dropout>(net.layers[i].spec)) bytes += outputs;
  }
  return bytes;
}

template <class T>
NetRunner<T>::NetRunner(const Net& net, int batch, Purpose purpose) : net_(net), purpose_(purpose) {
  require(batch > 0, "net {}: batch of {} rows, it needs at least 1", net.name, batch);
  require(ends_in_loss(net), "net {}: its last layer must be a softmax-loss", net.name);
  for (const LayerShapes& shapes : infer_shapes(net)) {
    places_.push_back({.shapes = {batch, shapes.in, shapes.out}});
  }
  const std::vector<ParameterInfo> infos = sluice::parameters(net);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    parameters_.emplace_back(count(infos[i].shape.elements()));
    if (infos[i].role == ParameterRole::weights) places_[infos[i].layer].weights = i;
  }
  activations_.emplace_back(places_.front().shapes.in_elements());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::size_t outputs = places_[i].shapes.out_elements();
    activations_.emplace_back(outputs);
    if (std::holds_alternative<MaxPool>(net.layers[i].spec)) places_[i].winners.resize(outputs);
    if (std::holds_alternative<Dropout>(net.layers[i].spec)) places_[i].kept.resize(outputs);
  }
  if (purpose == Purpose::training) {
    gradients_ = parameters_;
    activation_gradients_ = activations_;
  }
}

template <class T>
void NetRunner<T>::copy_rows(std::span<const T> rows) {
  const std::size_t row_elements = activations_[0].size() / row_weights_.size();
  for (std::size_t row = 0; row < row_weights_.size(); ++row) {
    const auto to = activations_[0].begin() + static_cast<std::ptrdiff_t>(row * row_elements);
    if (row_weights_[row] == 0.0F) {
      std::fill_n(to, row_elements, T{0});
    } else {
      std::ranges::copy(rows.subspan(row * row_elements, row_elements), to);
    }
  }
}

template <class T>
void NetRunner<T>::forward(const RunnerInput<T>& input) {
  labels_.assign(input.labels.begin(), input.labels.end());
  row_weights_.assign(input.row_weights.begin(), input.row_weights.end());
  copy_rows(input.rows);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Layer& layer = net_.layers[i];
    std::visit(Forward{*this, input, layer, places_[i], activations_[i], activations_[i + 1]},
               layer.spec);
  }
}

template <class T>
void NetRunner<T>::backward() {
  for (std::size_t i = places_.size(); i-- > 0;) {
    std::visit(Backward{*this, places_[i], activations_[i], activation_gradients_[i + 1],
                        activation_gradients_[i]},
               net_.layers[i].spec);
  }
}

template <class T>
double NetRunner<T>::loss() const {
  double sum = 0.0;
  for (std::size_t row = 0; row < row_weights_.size(); ++row) {
    sum += static_cast<double>(row_weights_[row]) * static_cast<double>(row_losses()[row]);
  }
  return sum;
}

template std::size_t net_runner_bytes<float>(const Net&, int, Purpose);
template std::size_t net_runner_bytes<double>(const Net&, int, Purpose);
template class NetRunner<float>;
template class NetRunner<double>;

}  // namespace sluice::reference
