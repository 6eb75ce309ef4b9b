// A step whose rows do not fit at once: piece by piece through a program of a smaller batch, with
// the gradients added up. The same step as the whole batch up to rounding: gradients are sums, the
// update divides once, dropout is keyed by the row of the whole step.
#pragma once

#include <memory>

#include "runtime/backend/backend.h"

namespace sluice {

// Rows that go through a program at once.
struct MicroBatch {
  int rows = 1;
};

// A program for steps of `options.batch` rows that holds the activations of a micro-batch. Its
// forward runs all pieces forward and all but the last backward; its backward ends the last one.
// The gradients of the pieces are added in f32 in memory of its own, as much as the net's weights.
// Rows are uploaded ahead, piece by piece, and may be bytes where the backend's programs take them.
// Where the pieces are not smaller than the batch: the backend's own program.
// `phase curvature` is not part of it: compile that program with its own batch.
std::unique_ptr<Program> compile_micro_batched(Backend& backend, const Net& net, NetState& state,
                                               const ProgramOptions& options,
                                               MicroBatch micro_batch);

}  // namespace sluice
