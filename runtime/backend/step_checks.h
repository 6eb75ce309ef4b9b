// What every program owes its caller around a phase, whatever computes it: what it refuses, in
// which order phases come, and how a failure is told.
//
// Pure functions and a small value. A caller's mistake throws Error{usage} that names the net.
#pragma once

#include <exception>
#include <span>
#include <string_view>

#include "runtime/backend/backend.h"

namespace sluice {

void check_batch(const Net& net, const ProgramOptions& options);
// The batch, the loss at the net's end, the state's parameters, a training's rule, the layers to
// keep.
void check_program(const Net& net, const NetState& state, const ProgramOptions& options);

// For what cannot go back to the rows; `what` names it. Throws Error{usage}.
void refuse_row_gradients(std::string_view what, const ProgramOptions& options);

// What a program's rows may be.
enum class RowForms : std::uint8_t { floats, floats_and_bytes };
RowForms row_forms_of(const Program& program);

// What a forward reads: form and sizes of the rows, and the labels of those that count. One entry
// of `shapes` a layer.
void check_input(const Net& net, const ProgramOptions& options, std::span<const LayerShapes> shapes,
                 const StepInput& input, RowForms forms = RowForms::floats);

class PhaseOrder;
// (batch, channels, height, width). Throws where the program has no gradients of its rows (yet).
Shape row_gradient_shape(const Net& net, const ProgramOptions& options,
                         std::span<const LayerShapes> shapes, const PhaseOrder& order);

// A layer whose output `options` keeps.
struct KeptLayer {
  std::size_t index = 0;
  Shape output;  // of the batch, canonical
};
// Throws where `options.keep` does not name it.
KeptLayer kept_layer(const Net& net, const ProgramOptions& options,
                     std::span<const LayerShapes> shapes, std::string_view layer);

// Which phases of a step have been done. Belongs to one program, one caller at a time like it.
class PhaseOrder {
 public:
  // Throws where `phase` is not the next, or not one of an evaluation program.
  void check(const Net& net, const ProgramOptions& options, Phase phase) const;

  // Uses up what `phase` builds on: a forward all that was done, the others the phase before.
  void start(Phase phase);
  void finish(Phase phase);

  // Whether the last forward that started has finished: its outputs stay until the next.
  bool has_outputs() const { return has_outputs_; }
  // Whether the gradients of the rows of that forward are there.
  bool has_row_gradients() const { return backward_done_; }

 private:
  bool forward_done_ = false;
  bool backward_done_ = false;
  bool has_outputs_ = false;
};

struct PhaseRun {
  std::string_view backend;  // as messages name it
  Phase phase = Phase::forward;
  NetState& state;
};

// For a catch block: the exception in flight, as an Error that names backend and phase.
std::exception_ptr current_failure(const PhaseRun& run);

// Does `work` while it holds the state, and gives what the completion is told: null, or the
// failure.
template <class Work>
std::exception_ptr run_phase(const PhaseRun& run, const Work& work) {
  try {
    const ProgramLock lock(run.state);
    work();
    return nullptr;
  } catch (...) {
    return current_failure(run);
  }
}

}  // namespace sluice
