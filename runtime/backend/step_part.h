// A run of rows of a step as a step of its own: what micro-batches and replicas compute.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/backend/backend.h"

namespace sluice {

struct RowRange {
  std::size_t first = 0;
  std::size_t rows = 0;
};

// Where a part stands in a step of `all` rows, at least as many as its own. A part that would reach
// behind the last row is moved up to end there: its first rows are those of parts before it, with
// weight 0. So no row is copied, and a part's rows stand where they did when they were uploaded.
struct PartWindow {
  std::size_t begin = 0;    // row of the step
  std::size_t skipped = 0;  // rows at the part's start that are of parts before it
  std::size_t own = 0;      // rows behind them
};
PartWindow window_of(RowRange range, std::size_t all);

// A part's values of its own rows, to where they stand in the step's, which has `all` rows.
void put_rows(RowRange range, std::size_t all, std::span<const float> from, std::span<float> to);

// The rows of a part, with the step's own weights: what is uploaded. Refers to `whole`'s arrays.
StepInput rows_of_part(const StepInput& whole, RowRange range);

// Keeps the weights of a part that was moved; one part at a time.
class StepPart {
 public:
  // The step of `range`'s rows. Refers to `whole`'s arrays, or to this until the next call.
  StepInput of(const StepInput& whole, RowRange range);

 private:
  std::vector<float> weights_;
};

// Sum of the weights of a step's rows: what its gradient sums are divided by.
double counted_rows(const StepInput& input);

}  // namespace sluice
