#include "runtime/backend/step_part.h"

#include <algorithm>
#include <numeric>

#include "runtime/error.h"

namespace sluice {
namespace {

// So many of each row's values; none where there are none.
template <class T>
std::span<const T> part_of(std::span<const T> values, std::size_t all, const PartWindow& window,
                           std::size_t rows) {
  const std::size_t row = values.size() / all;
  return values.subspan(window.begin * row, rows * row);
}

}  // namespace

PartWindow window_of(RowRange range, std::size_t all) {
  const std::size_t first = std::min(range.first, all);
  const std::size_t begin = std::min(first, all - range.rows);
  return {.begin = begin, .skipped = first - begin, .own = std::min(range.rows, all - first)};
}

void put_rows(RowRange range, std::size_t all, std::span<const float> from, std::span<float> to) {
  const PartWindow window = window_of(range, all);
  const std::size_t row = to.size() / all;
  std::ranges::copy(from.subspan(window.skipped * row, window.own * row),
                    to.subspan((window.begin + window.skipped) * row).begin());
}

StepInput rows_of_part(const StepInput& whole, RowRange range) {
  const std::size_t all = whole.labels.size();
  require(all > 0, "a step in parts needs a forward before its other phases");
  const PartWindow window = window_of(range, all);
  StepInput part = whole;
  part.first_row = whole.first_row + static_cast<std::uint32_t>(window.begin);
  part.rows = part_of(whole.rows, all, window, range.rows);
  part.row_bytes = part_of(whole.row_bytes, all, window, range.rows);
  part.transforms = part_of(whole.transforms, all, window, range.rows);
  part.labels = part_of(whole.labels, all, window, range.rows);
  part.row_weights = part_of(whole.row_weights, all, window, range.rows);
  part.other_labels = part_of(whole.other_labels, all, window, range.rows);
  part.other_shares = part_of(whole.other_shares, all, window, range.rows);
  return part;
}

StepInput StepPart::of(const StepInput& whole, RowRange range) {
  StepInput part = rows_of_part(whole, range);
  const std::size_t skipped = window_of(range, whole.labels.size()).skipped;
  if (skipped == 0) return part;
  weights_.assign(part.row_weights.begin(), part.row_weights.end());
  std::fill_n(weights_.begin(), skipped, 0.0F);
  part.row_weights = weights_;
  return part;
}

double counted_rows(const StepInput& input) {
  return std::accumulate(input.row_weights.begin(), input.row_weights.end(), 0.0);
}

}  // namespace sluice
