#include "runtime/backend/step_part.h"

#include <algorithm>
#include <numeric>

#include "runtime/error.h"

namespace sluice {

StepInput StepPart::of(const StepInput& whole, RowRange range) {
  const std::size_t all = whole.labels.size();
  require(all > 0, "a step in parts needs a forward before its other phases");
  const std::size_t floats = whole.rows.size() / all;
  const std::size_t first = std::min(range.first, all);
  const std::size_t there = std::min(range.rows, all - first);
  StepInput part = whole;
  part.first_row = whole.first_row + static_cast<std::uint32_t>(range.first);
  part.rows = whole.rows.subspan(first * floats, there * floats);
  part.labels = whole.labels.subspan(first, there);
  part.row_weights = whole.row_weights.subspan(first, there);
  if (there == range.rows) return part;
  rows_.assign(part.rows.begin(), part.rows.end());
  labels_.assign(part.labels.begin(), part.labels.end());
  weights_.assign(part.row_weights.begin(), part.row_weights.end());
  rows_.resize(range.rows * floats);
  labels_.resize(range.rows);
  weights_.resize(range.rows);
  part.rows = rows_;
  part.labels = labels_;
  part.row_weights = weights_;
  return part;
}

std::size_t StepPart::copy_bytes(std::size_t rows, const Shape& row) {
  const auto floats = static_cast<std::size_t>(row.elements());
  return rows * (floats * sizeof(float) + sizeof(std::int32_t) + sizeof(float));
}

double counted_rows(const StepInput& input) {
  return std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
}

}  // namespace sluice
