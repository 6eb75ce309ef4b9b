// What a net learns: weights, gradients, momentum. Owned here, shared by programs.
//
// A parameter's values stand in its layout: canonical (layer_spec.h) or one that a backend chose,
// so that its kernels need no reorder. `read` and `write` always speak canonical. Not synchronised:
// one program at a time runs on a state (`ProgramLock`).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/net/net.h"

namespace sluice {

// How a parameter's values are arranged. Immutable; any thread. The padding a layout may have must
// stay zero under any elementwise update that maps zeros to zero.
class ParameterLayout {
 public:
  virtual ~ParameterLayout() = default;
  virtual std::size_t floats() const = 0;  // padding included
  virtual void from_canonical(std::span<const float> canonical, std::span<float> stored) const = 0;
  virtual void to_canonical(std::span<const float> stored, std::span<float> canonical) const = 0;
};

class CanonicalLayout final : public ParameterLayout {
 public:
  explicit CanonicalLayout(const Shape& shape)
      : floats_(static_cast<std::size_t>(shape.elements())) {}
  std::size_t floats() const override { return floats_; }
  void from_canonical(std::span<const float> canonical, std::span<float> stored) const override;
  void to_canonical(std::span<const float> stored, std::span<float> canonical) const override;

 private:
  std::size_t floats_;
};

struct Parameter {
  ParameterInfo info;
  std::shared_ptr<const ParameterLayout> layout;
  Tensor values;
  Tensor gradient;  // sum over rows; empty until a training program asks (`prepare_training`)
  // What the rule keeps between steps: SGD's velocity, or Levenberg-Marquardt's mean second
  // derivative. Empty like gradient.
  Tensor velocity;
};

// Memory elsewhere (a device's) in which programs of a state compute, so that the state's own
// tensors are a copy. Called by the state, one thread at a time.
class ParameterHome {
 public:
  virtual ~ParameterHome() = default;
  // Copies values, and gradients and velocities where they exist, into the state's tensors; waits.
  // Throws Error{run} where the device fails.
  virtual void fetch(std::span<Parameter> parameters) = 0;
};

class NetState {
 public:
  // Canonical layouts, parameters drawn as each layer's `start` says from
  // Philox(seed; epoch 0, sample 0, "start/LAYER", draw index). Biases that are drawn have a stream
  // of their own, "start/LAYER/bias".
  NetState(const Net& net, std::uint64_t seed);

  // With a home: values come back from it where they are newer there, and what the first one's
  // caller may write here is sent before the home's programs work again.
  std::span<Parameter> parameters();
  std::span<const Parameter> parameters() const;

  // Canonical copies of a parameter's values.
  std::vector<float> read(std::size_t index) const;
  void write(std::size_t index, std::span<const float> canonical);
  // The same for its velocity, once `prepare_training` has made it.
  std::vector<float> read_velocity(std::size_t index) const;
  void write_velocity(std::size_t index, std::span<const float> canonical);

  // Rearranges values, and gradient and velocity where they exist.
  void set_layout(std::size_t index, std::shared_ptr<const ParameterLayout> layout);
  // Makes gradients and velocities (zero) where they do not exist yet.
  void prepare_training();

  // Rows (sum of row weights) behind the gradient sums of the last backward.
  double gradient_rows = 0.0;
  // Goes up whenever values change, so that a program with private copies knows.
  std::uint64_t version = 0;

  std::size_t bytes() const;

  // For programs that compute in a home. Values come back from the home before.
  void set_home(std::shared_ptr<ParameterHome> home);
  const std::shared_ptr<ParameterHome>& home() const { return home_; }
  // Whether the home must be sent what stands here; `stored` is then as new as it gets.
  bool home_is_behind() const { return newest_ == Newest::here; }
  std::span<const Parameter> stored() const { return parameters_; }
  void home_was_sent() { newest_ = Newest::both; }
  void home_has_changed() { newest_ = Newest::home; }

 private:
  friend class ProgramLock;
  enum class Newest : std::uint8_t { here, both, home };
  void bring_back() const;

  mutable std::vector<Parameter> parameters_;  // a copy, where there is a home
  mutable Newest newest_ = Newest::here;
  std::shared_ptr<ParameterHome> home_;
  std::atomic<bool> busy_ = false;
};

// Held by a program while one of its phases runs: two programs in one state at once is a mistake in
// the wiring and throws Error{run} instead of corrupting weights.
class ProgramLock {
 public:
  explicit ProgramLock(NetState& state);
  ~ProgramLock();
  ProgramLock(const ProgramLock&) = delete;
  ProgramLock& operator=(const ProgramLock&) = delete;

 private:
  NetState& state_;
};

}  // namespace sluice
