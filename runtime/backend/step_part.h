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

// Keeps the copies that a part needs which reaches behind the last row; one part at a time.
class StepPart {
 public:
  // The step of `range`'s rows, with rows of weight 0 in place of those that `whole` does not have.
  // Refers to `whole`'s arrays, or to this until the next call.
  StepInput of(const StepInput& whole, RowRange range);

  // What the copies of so many rows of shape `row` take.
  static std::size_t copy_bytes(std::size_t rows, const Shape& row);

 private:
  std::vector<float> rows_;
  std::vector<std::int32_t> labels_;
  std::vector<float> weights_;
};

// Sum of the weights of a step's rows: what its gradient sums are divided by.
double counted_rows(const StepInput& input);

}  // namespace sluice
