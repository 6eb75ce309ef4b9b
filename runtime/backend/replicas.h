// One step on several replicas of a net in one process, synchronised by a collective: 2 x 64 rows
// give what 1 x 128 give, up to rounding.
#pragma once

#include <memory>

#include "runtime/backend/backend.h"

namespace sluice {

struct StepDivision {
  int replicas = 1;
  int micro_batch = 0;  // rows of a piece of each replica; 0: all of its rows at once
};

// A program for steps of `options.batch` rows. Replica r computes the r-th run of rows (the
// last ones may be shorter or empty) on a state of its own; the first one's is `state`. Gradient
// sums and row counts are summed over the replicas, then each updates its own weights, so that all
// stay equal, bit for bit. A change of `state` from outside (a checkpoint that is read) reaches the
// others at the next forward. Rows are uploaded ahead and may be bytes, as in micro-batches. One
// replica without micro-batches: the backend's own program.
// Throws Error{usage} for a division that cannot be, and for several replicas under DiagonalLmRule:
// its second derivatives would reach the first one only.
std::unique_ptr<Program> compile_divided(Backend& backend, const Net& net, NetState& state,
                                         const ProgramOptions& options, StepDivision division);

}  // namespace sluice
