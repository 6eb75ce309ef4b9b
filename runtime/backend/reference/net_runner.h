// Runs a whole net layer by layer with plain loops: what every other backend is compared with, and
// in double what the gradient checks differentiate.
//
// Owns its parameters, activations and gradients, all canonical. Not synchronised: one thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/layer_clock.h"
#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/net/net.h"

namespace sluice::reference {

// One batch. Rows of weight 0 are computed as zeros, so that nothing they hold (not even NaN)
// reaches a gradient; their labels are not looked at.
template <class T>
struct RunnerInput {
  std::span<const T> rows;                       // (batch, channels, height, width)
  std::span<const std::int32_t> labels;          // (batch)
  std::span<const float> row_weights;            // (batch)
  std::span<const std::int32_t> other_labels{};  // as in StepInput
  std::span<const float> other_shares{};
  std::uint64_t seed = 0;  // dropout, as in StepInput
  std::uint32_t step = 0;
  std::uint32_t first_row = 0;
};

// Bytes that a runner allocates.
template <class T>
std::size_t net_runner_bytes(const Net& net, int batch, Purpose purpose);

// Bytes that `NetRunner::curvature` takes on top while it runs.
template <class T>
std::size_t net_runner_squares_bytes(const Net& net, int batch);

template <class T>
class NetRunner {
 public:
  // Throws Error{usage} for a net whose layers do not fit or that does not end in a loss.
  // Parameters are 0 until they are written.
  NetRunner(const Net& net, int batch, Purpose purpose, DropoutUse dropout = DropoutUse::expected);

  // By index into sluice::parameters(net); canonical.
  std::span<T> parameter(std::size_t index) { return parameters_.at(index); }
  // Sums over rows of weight times gradient; valid after backward.
  std::span<const T> gradient(std::size_t index) const { return gradients_.at(index); }

  // Each layer's passes are timed by `clock`, which must outlive the runner.
  void time_layers(LayerClock& clock) { clock_ = &clock; }

  void forward(const RunnerInput<T>& input);
  // Needs a forward before it, and not Purpose::evaluation. For row gradients from the labels'
  // scores and without those of parameters.
  void backward();
  // Instead of backward, in the same memory: gradients mean nothing until the next one. Throws
  // Error{usage} naming a layer without second derivatives (curvature.h).
  void curvature();
  // Sums over rows of weight times second derivative, none negative; valid after curvature.
  std::span<const T> curvature_sum(std::size_t index) const { return gradients_.at(index); }
  // By the input of a layer.
  std::span<const T> input_curvature(std::size_t layer) const {
    return activation_gradients_.at(layer);
  }

  // Valid after forward.
  std::span<const T> scores() const { return activations_[activations_.size() - 2]; }
  std::span<const T> row_losses() const { return activations_.back(); }
  std::span<const T> output(std::size_t layer) const { return activations_.at(layer + 1); }
  // Sum over rows of weight * loss.
  double loss() const;
  // Valid after backward.
  std::span<const T> input_gradient() const { return activation_gradients_.front(); }

 private:
  struct Forward;
  struct Backward;
  struct Curvature;
  struct LayerPlace {
    BatchShapes shapes;
    std::size_t weights = 0;             // index of its parameters, if it has any; biases follow
    std::vector<std::uint8_t> kept{};    // dropout in training
    std::vector<std::size_t> winners{};  // max-pool
  };

  void copy_rows(std::span<const T> rows);
  bool learns() const { return purpose_ == Purpose::training; }
  template <class Work>
  void timed(std::size_t layer, double LayerRecord::*phase, const Work& work) const {
    if (clock_ == nullptr) return work();
    clock_->time(layer, phase, work);
  }

  Net net_;
  Purpose purpose_;
  bool drops_;  // whether dropout layers draw masks
  LayerClock* clock_ = nullptr;
  std::vector<LayerPlace> places_;
  std::vector<std::vector<T>> parameters_;
  std::vector<std::vector<T>> gradients_;
  // [0]: input; [i + 1]: output of layer i.
  std::vector<std::vector<T>> activations_;
  std::vector<std::vector<T>> activation_gradients_;
  std::vector<std::int32_t> labels_;
  std::vector<float> row_weights_;
  std::vector<std::int32_t> other_labels_;
  std::vector<float> other_shares_;
};

}  // namespace sluice::reference
