#include "runtime/backend/reference/net_runner.h"

#include <algorithm>

#include "runtime/error.h"

namespace sluice::reference {
namespace {

bool ends_in_loss(const Net& net) { return !net.layers.empty() && is_loss(net.layers.back().spec); }

std::size_t count(std::int64_t elements) { return static_cast<std::size_t>(elements); }

}  // namespace

template <class T>
std::size_t net_runner_bytes(const Net& net, int batch, Purpose purpose) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  const std::size_t copies = goes_backward(purpose) ? 2 : 1;  // values, gradients
  const std::size_t rows = count(batch);
  const std::size_t sets = purpose == Purpose::training ? 2 : 1;
  std::size_t bytes = sets * count(parameter_count(net)) * sizeof(T);
  bytes += copies * rows * count(shapes.front().in.elements()) * sizeof(T);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::size_t outputs = rows * count(shapes[i].out_rows) * count(shapes[i].out.elements());
    bytes += copies * outputs * sizeof(T);
    if (std::holds_alternative<MaxPool>(net.layers[i].spec)) bytes += outputs * sizeof(std::size_t);
    if (std::holds_alternative<Dropout>(net.layers[i].spec)) bytes += outputs;
  }
  if (goes_backward(purpose)) bytes += rows * count(shapes.back().in.elements()) * sizeof(T);
  return bytes;
}

template <class T>
NetRunner<T>::NetRunner(const Net& net, int batch, Purpose purpose, DropoutUse dropout)
    : net_(net),
      purpose_(purpose),
      drops_(sluice::drops({.purpose = purpose, .dropout = dropout})) {
  require(batch > 0, "net {}: batch of {} rows, it needs at least 1", net.name, batch);
  require(ends_in_loss(net), "net {}: its last layer must be a loss", net.name);
  const std::vector<LayerShapes> all = infer_shapes(net);
  for (const LayerShapes& shapes : all) {
    // Of the two layers that change the number of rows: images.
    const bool changes = shapes.in_rows != shapes.out_rows;
    places_.push_back(
        {.shapes = {std::int64_t{batch} * (changes ? 1 : shapes.in_rows), shapes.in, shapes.out}});
  }
  const std::vector<ParameterInfo> infos = sluice::parameters(net);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    parameters_.emplace_back(count(infos[i].shape.elements()));
    if (infos[i].role == ParameterRole::weights) places_[infos[i].layer].weights = i;
  }
  activations_.emplace_back(places_.front().shapes.in_elements());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::size_t outputs =
        count(batch) * count(all[i].out_rows) * count(all[i].out.elements());
    activations_.emplace_back(outputs);
    if (std::holds_alternative<MaxPool>(net.layers[i].spec)) places_[i].winners.resize(outputs);
    if (std::holds_alternative<Dropout>(net.layers[i].spec)) places_[i].kept.resize(outputs);
  }
  if (purpose == Purpose::training) gradients_ = parameters_;
  if (goes_backward(purpose)) activation_gradients_ = activations_;
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
