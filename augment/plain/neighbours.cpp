#include "augment/plain/neighbours.h"

#include "augment/pixel_loop.h"

namespace sluice::augment::plain {
namespace {

// All sums of bytes are whole numbers below 2^24, exact in float.
template <class T>
void sharpen_any(const SharpenRow<T>& row) {
  const auto at = [](const T* values, std::size_t i, int step) {
    return static_cast<float>(values[static_cast<std::ptrdiff_t>(i) + step]);
  };
  const auto three = [&](const T* values, std::size_t i) {
    return at(values, i, -3) + at(values, i, 0) + at(values, i, 3);
  };
  for (std::size_t i = 0; i < row.values; ++i) {
    const float beside = at(row.row, i, -3) + at(row.row, i, 3);
    const float middle = at(row.row, i, 0);
    const float sum = three(row.above, i) + three(row.below, i) + beside + 5 * middle;
    row.to[i] = to_value<T>(row.factor * middle + row.weight * sum);
  }
}

template <class T>
void columns_any(const BlurColumns<T>& columns) {
  for (std::size_t i = 0; i < columns.values; ++i) {
    const auto at = [&](int k) { return static_cast<float>(columns.rows[columns.radius + k][i]); };
    float sum = columns.weights[0] * at(0);
    for (int k = 1; k <= columns.radius; ++k) sum += columns.weights[k] * (at(-k) + at(k));
    columns.to[i] = sum;
  }
}

template <class T>
void row_any(const BlurRow<T>& row) {
  for (std::size_t i = 0; i < row.values; ++i) {
    const float* from = row.from + i;
    float sum = row.weights[0] * from[0];
    for (std::ptrdiff_t k = 1; k <= row.radius; ++k)
      sum += row.weights[k] * (from[-3 * k] + from[3 * k]);
    row.to[i] = to_value<T>(sum);
  }
}

}  // namespace

void sharpen(const SharpenRow<std::uint8_t>& row) { sharpen_any(row); }
void sharpen(const SharpenRow<float>& row) { sharpen_any(row); }
void blur(const BlurColumns<std::uint8_t>& columns) { columns_any(columns); }
void blur(const BlurColumns<float>& columns) { columns_any(columns); }
void blur(const BlurRow<std::uint8_t>& row) { row_any(row); }
void blur(const BlurRow<float>& row) { row_any(row); }

}  // namespace sluice::augment::plain
