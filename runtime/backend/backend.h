// The one interface of all backends: compile a net once, then enqueue phases and be told when they
// are done. A CPU backend may do the work in the calling thread and its arena before `run` returns;
// a device returns at once and completes later from a thread of its own; callers cannot tell.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/account.h"
#include "runtime/arena.h"
#include "runtime/extent.h"
#include "runtime/net/net.h"
#include "runtime/net/net_state.h"
#include "runtime/row_image.h"
#include "runtime/row_transform.h"
#include "runtime/tensor.h"

namespace sluice {

// What one call of Program::run does.
// curvature, after a forward instead of backward: sets the velocities of a DiagonalLmRule to the
// mean over the rows that count of the second derivatives, by the Gauss-Newton approximation.
enum class Phase : std::uint8_t { forward, backward, update, curvature };
std::string_view phase_name(Phase phase);

// Told once, from any thread; null: done, else the first failure (an Error).
using Completion = std::function<void(std::exception_ptr)>;

// What a step reads. Everything must stay valid until the step's last phase has completed. A row of
// weight 0 adds nothing to any gradient, whatever it holds (NaN too): its label is not looked at,
// its loss is 0, its scores mean nothing.
struct StepInput {
  std::span<const float> rows{};  // (batch, height, width, channels), f32
  // Height and width, for a program that takes rows of more than one size; others do not look.
  Extent extent{};
  // Instead of `rows`, for programs that take bytes (`Program::takes_bytes`): the same as bytes,
  // and what is still to be done to each row.
  std::span<const std::byte> row_bytes{};
  std::span<const RowTransform> transforms{};  // (batch)
  RowImage row_image{};                        // of transforms that subtract one
  std::span<const std::int32_t> labels{};      // (batch)
  std::span<const float> row_weights{};        // (batch), 1, or 0 for a row that does not count
  // Of rows that are made of two images: the loss is (1 - share) loss(label) + share loss(other),
  // and so are its gradients. (batch) each, shares from 0 to 1; where the share is 0 the other
  // label is not looked at. Both empty: no row is.
  std::span<const std::int32_t> other_labels{};
  std::span<const float> other_shares{};
  std::uint64_t seed = 0;  // dropout: Philox(seed; step, first_row + row, layer, unit)
  std::uint32_t step = 0;
  std::uint32_t first_row = 0;  // this batch's first row in the whole step (replicas)
  double rate = 0.0;            // learning rate (update)
  // Factors of the rate, one a layer of the net (update); empty: all 1. 0: the layer keeps its
  // parameters and velocities.
  std::span<const double> layer_rates{};
  // The step's last phase. A device tells `done` of those before it as soon as they are enqueued:
  // their outputs are there, and their failures told, when the last one is done.
  Phase last = Phase::update;
};

// What a program is for.
// row_gradients: forward as in evaluation, then backward from 1 at the score of each row's label
// (the score that enters the loss, not its probability) to the rows: what an image's class depends
// on (Simonyan, Vedaldi, Zisserman 2013, section 3). Parameters have no gradients then, and nothing
// of the state changes. Backward reads what forward was given, labels too. On the CPU, whole steps.
enum class Purpose { training, evaluation, row_gradients };

inline bool goes_backward(Purpose purpose) { return purpose != Purpose::evaluation; }

// Stochastic gradient descent. g: the gradient sum over rows / rows, + l2 w + l1 sign(w); decay and
// rate times the factors of the layer (`Learning`: decay on weights, not on biases).
//   paper     v <- momentum v - rate g;              w <- w + v  (AlexNet paper, section 5)
//   pytorch   v <- momentum v + g;                   w <- w - rate v
//   nesterov  u <- momentum v - rate g;  w <- w - momentum v + (1 + momentum) u;  v <- u
//             (lecture 8: the gradient is taken at w + momentum v, which is what w stands for)
struct SgdRule {
  enum class Form { paper, pytorch, nesterov };

  double momentum = 0.9;
  double l2 = 0.0005;
  double l1 = 0.0;
  Form form = Form::paper;
};

// w <- w - rate / (damping + h) g, h the mean second derivative of each parameter
// (Phase::curvature) (LeCun et al. 1998, appendix C: stochastic diagonal Levenberg-Marquardt).
struct DiagonalLmRule {
  double damping = 0.02;
};

using UpdateRule = std::variant<SgdRule, DiagonalLmRule>;

// What activations and weights are computed in. bf16: weights, their gradients, losses and all sums
// stay f32, weights are rounded for each step.
enum class Precision : std::uint8_t { f32, bf16 };
std::string_view precision_name(Precision precision);

// What f32 convolutions and products multiply with: f32, or TF32 (10 bits of fraction) on devices
// whose tensor cores take it. Sums are f32 in both.
enum class F32Math : std::uint8_t { exact, tf32 };

// Whether a program adds up what each layer costs (Program::layers).
enum class LayerTimes : std::uint8_t { off, on };

// What dropout layers do in a program for evaluation: what their scaling says for testing, or drop
// units as in training (a sample of the nets that dropout averages over).
enum class DropoutUse : std::uint8_t { expected, sampled };

// Whether a program for evaluation may rearrange a state's parameters to what its kernels read; one
// for training always may. Else it takes a copy of those that lie otherwise.
enum class Layouts : std::uint8_t { as_they_are, chosen };

struct ProgramOptions {
  int batch = 1;
  Purpose purpose = Purpose::evaluation;
  UpdateRule rule{};
  Precision precision = Precision::f32;
  std::vector<std::string> keep{};  // layers whose outputs `output(name)` must give
  LayerTimes layer_times = LayerTimes::off;
  DropoutUse dropout = DropoutUse::expected;
  Layouts layouts = Layouts::as_they_are;
};

// Whether dropout layers draw masks.
inline bool drops(const ProgramOptions& options) {
  return options.purpose == Purpose::training || options.dropout == DropoutUse::sampled;
}

// Memory for a batch's rows, of so many bytes, aligned to 64; goes back with the last pointer to
// it. Throws Error{run} when there is none.
using RowMemory = std::function<std::shared_ptr<std::byte>(std::size_t bytes)>;

// What a device has done for a program so far. Seconds by the device's own clock.
struct DeviceTimes {
  std::string device;  // "NVIDIA H200"
  double forward_seconds = 0.0;
  double backward_seconds = 0.0;
  double update_seconds = 0.0;
  double copy_seconds = 0.0;  // of rows (upload), beside the phases
  double idle_seconds = 0.0;  // in which no phase ran, between the first and the last of all
  std::uint64_t bytes_copied = 0;
  std::size_t bytes_held = 0;  // of the device's memory
};

// A phase on a device, or a copy of rows to it. Nanoseconds of std::chrono::steady_clock, as far as
// the device's clock can be set by it.
struct DeviceSpan {
  std::optional<Phase> phase;  // none: a copy
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

// What a device did when. Phases follow one another, and so do copies.
struct DeviceSpans {
  // Those that found no room.
  struct Rest {
    std::optional<Phase> phase;
    std::int64_t spans = 0;
    std::int64_t busy_ns = 0;
  };
  std::vector<DeviceSpan> spans;
  std::vector<Rest> rest;
};

// A net compiled for one batch size and purpose; one caller at a time, but `upload` may be called
// beside `run`. Refers to its NetState, which must outlive it, and which other programs may use
// between this one's phases.
class Program {
 public:
  virtual ~Program() = default;

  // Enqueues a phase. Order: forward, backward, update, or forward, curvature; an evaluation
  // program has forward only, one for row gradients forward, backward. `done` is called exactly
  // once. Throws only for a caller's mistake, and then never calls `done`.
  virtual void run(Phase phase, const StepInput& input, Completion done) = 0;

  // Begins to bring the rows of the next step that has not been uploaded to where forward reads
  // them, while the phases of earlier steps may still run; a forward whose step was not uploaded
  // does it itself. `done` like run's, possibly before the copy is done: the rows must stay until
  // the step's last phase has completed. Throws only for a caller's mistake.
  virtual void upload(const StepInput&, Completion done) { done(nullptr); }
  virtual bool uploads() const { return false; }  // else `upload` does nothing
  virtual bool takes_bytes() const { return false; }
  // Where rows should lie, so that `upload` can copy without waiting; empty: anywhere.
  virtual RowMemory row_memory() const { return {}; }

  // At the end of a run, stopped or not, when no phase of it will be asked for any more: waits in
  // the calling thread until nothing that was enqueued reads its caller's memory, and forgets
  // uploads that no forward has taken. Never in a node's body.
  virtual void settle() noexcept {}

  virtual std::string_view place() const { return "cpu"; }  // or "gpu", "waiting": for the account
  // Any thread at any time.
  virtual std::optional<DeviceTimes> device_times() const { return std::nullopt; }

  // Between runs: from now on keeps at most so many spans of its device; those kept so far.
  virtual void record_device_spans(std::size_t) {}
  virtual DeviceSpans device_spans() const { return {}; }
  // What each layer has cost so far, in the net's order; layers that run as one are one row
  // ("norm1+pool1"). Empty where the options did not ask for it, or the backend cannot tell. Not
  // beside `run`.
  virtual std::vector<LayerRecord> layers() const { return {}; }

  // Valid after the step's last phase has completed (of backends that compute on the CPU: after
  // forward), until the next forward.
  virtual std::span<const float> scores() const = 0;      // (batch, classes), before the softmax
  virtual std::span<const float> row_losses() const = 0;  // (batch), not multiplied by row weights
  // Canonical copy (batch, ...) of a kept layer's output. Throws Error{usage} if it was not named.
  virtual Tensor output(std::string_view layer) const = 0;
  // Of a program for row gradients, after backward, until the next forward: a copy of the slopes of
  // each row's label's score, (batch, channels, height, width); 0 in rows of weight 0. Throws
  // Error{usage} where there are none.
  virtual Tensor row_gradients() const;

  // Memory beyond the NetState: activations, workspaces. Known after compile, not yet touched.
  virtual std::size_t bytes() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;
  // Why programs of this backend cannot run on this machine, in a few words ("no NVIDIA driver
  // found"); empty where they can. They compile all the same, and tell what they need.
  virtual std::string unusable() const { return {}; }
  virtual bool times_layers() const { return false; }  // else ProgramOptions::layer_times is idle
  // Throws Error{usage} for a net it cannot compile. Call inside the arena that will run it.
  virtual std::unique_ptr<Program> compile(const Net& net, NetState& state,
                                           const ProgramOptions& options) = 0;
};

}  // namespace sluice
