// Forward of a whole net.
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
#include "runtime/net/dropout_mask.h"

namespace sluice::reference {

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
  Targets targets() const {
    return {runner.labels_, runner.row_weights_, runner.other_labels_, runner.other_shares_};
  }

  void operator()(const Conv2d& conv) const {
    conv2d_forward<T>(conv, place.shapes, in, weights(), biases(), out);
  }
  void operator()(const PartialConv2d& conv) const {
    partial_conv2d_forward<T>(conv, place.shapes, in, weights(), biases(), out);
  }
  void operator()(const Relu&) const { relu_forward<T>(in, out); }
  void operator()(const Tanh& tanh) const { tanh_forward<T>(tanh, in, out); }
  void operator()(const Lrn& lrn) const { lrn_forward<T>(lrn, place.shapes, in, out); }
  void operator()(const SameMapLrn& lrn) const {
    same_map_lrn_forward<T>(lrn, place.shapes, in, out);
  }
  void operator()(const Subsample&) const {
    subsample_forward<T>(place.shapes, in, weights(), biases(), out);
  }
  void operator()(const MaxPool& pool) const {
    max_pool_forward<T>(pool, place.shapes, in, out, place.winners);
  }
  void operator()(const FullyConnected&) const {
    fully_connected_forward<T>(place.shapes, in, weights(), biases(), out);
  }
  void operator()(const Dropout& dropout) const {
    if (!runner.drops_) return dropout_evaluation<T>(dropout, in, out);
    draw_masks(dropout);
    dropout_training<T>(dropout, in, place.kept, out);
  }
  void operator()(const Windows&) const { windows_forward<T>(place.shapes, in, out); }
  void operator()(const WindowMean&) const { window_mean_forward<T>(place.shapes, in, out); }
  void operator()(const Rbf& rbf) const { rbf_forward<T>(rbf, place.shapes, in, out); }
  void operator()(const SoftmaxLoss&) const {
    softmax_loss_forward<T>(place.shapes, in, targets(), out);
  }
  void operator()(const HingeLoss& hinge) const {
    hinge_loss_forward<T>(hinge, place.shapes, in, targets(), out);
  }
  void operator()(const MapLoss& loss) const {
    map_loss_forward<T>(loss, place.shapes, in, targets(), out);
  }

  void draw_masks(const Dropout& dropout) const {
    const DropoutKey key{input.seed, input.step, dropout_stream(layer.name)};
    const auto units = static_cast<std::size_t>(place.shapes.in.elements());
    const std::span<std::uint8_t> kept = place.kept;
    const auto images = static_cast<std::uint32_t>(runner.row_weights_.size());
    const auto rows_an_image = static_cast<std::uint32_t>(place.shapes.rows) / images;
    const std::uint32_t first_row = input.first_row * rows_an_image;
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(place.shapes.rows); ++row) {
      dropout_mask(key, dropout.drop, first_row + row, kept.subspan(row * units, units));
    }
  }
};

template <class T>
void NetRunner<T>::forward(const RunnerInput<T>& input) {
  labels_.assign(input.labels.begin(), input.labels.end());
  row_weights_.assign(input.row_weights.begin(), input.row_weights.end());
  other_labels_.assign(input.other_labels.begin(), input.other_labels.end());
  other_shares_.assign(input.other_shares.begin(), input.other_shares.end());
  copy_rows(input.rows);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Layer& layer = net_.layers[i];
    timed(i, &LayerRecord::forward_seconds, [&] {
      std::visit(Forward{*this, input, layer, places_[i], activations_[i], activations_[i + 1]},
                 layer.spec);
    });
  }
}

template void NetRunner<float>::forward(const RunnerInput<float>&);
template void NetRunner<double>::forward(const RunnerInput<double>&);

}  // namespace sluice::reference
