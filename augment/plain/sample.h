// Pixels between pixels, one after the other (augment/sampling.h).
#pragma once

#include <algorithm>
#include <cstdint>

#include "augment/sampling.h"

namespace sluice::augment::plain {

// u8 is mixed in 1 / 128 grey levels, along x, then along y, each product rounded to the nearest,
// the result too. f32: a + (b - a) * weight along x, then along y.
void sample_bilinear(const SampleRow<std::uint8_t>& row);
void sample_bilinear(const SampleRow<float>& row);
void sample_nearest(const SampleRow<std::uint8_t>& row);
void sample_nearest(const SampleRow<float>& row);

// One axis of a position inside the image: the two pixels around it and the second one's weight.
struct Pair {
  int first = 0;
  int second = 0;
  std::int32_t weight = 0;  // of kPositionOne
};

inline Pair pair_at(std::int32_t position, int length) {
  const std::int32_t at = position - kPositionOne / 2;
  const int first = at >> kPositionBits;
  return {std::max(first, 0), std::min(first + 1, length - 1), at & (kPositionOne - 1)};
}

// value * weight / kPositionOne, to the nearest, halves up.
inline std::int32_t part_of(std::int32_t value, std::int32_t weight) {
  return (value * weight + kPositionOne / 2) >> kPositionBits;
}

// Of two values in 1 / 128 grey levels.
inline std::uint8_t mixed_down(std::int32_t upper, std::int32_t lower, std::int32_t down) {
  return static_cast<std::uint8_t>((upper + part_of(lower - upper, down) + 64) >> 7);
}

inline std::uint8_t mixed(std::array<std::uint8_t, 4> corners, std::int32_t across,
                          std::int32_t down) {
  const std::int32_t upper = corners[0] * 128 + part_of((corners[1] - corners[0]) * 128, across);
  const std::int32_t lower = corners[2] * 128 + part_of((corners[3] - corners[2]) * 128, across);
  return mixed_down(upper, lower, down);
}

inline float mixed(std::array<float, 4> corners, std::int32_t across, std::int32_t down) {
  constexpr float kUnit = 1.0F / kPositionOne;
  const float x = static_cast<float>(across) * kUnit, y = static_cast<float>(down) * kUnit;
  const float upper = corners[0] + (corners[1] - corners[0]) * x;
  const float lower = corners[2] + (corners[3] - corners[2]) * x;
  return upper + (lower - upper) * y;
}

template <class T>
const T* pixel_at(const SampleRow<T>& row, int x, int y) {
  const auto pixel =
      static_cast<std::ptrdiff_t>(y - row.box.top) * row.box.extent.width + (x - row.box.left);
  return row.from + pixel * kChannels;
}

template <class T>
bool is_inside(const SampleRow<T>& row, int k) {
  return inside_axis(row.x[k], row.whole.width) && inside_axis(row.y[k], row.whole.height);
}

// Output pixel k of a row.
template <class T>
void nearest_pixel(const SampleRow<T>& row, int k) {
  const T* from = row.fill.data();
  if (is_inside(row, k)) from = pixel_at(row, row.x[k] >> kPositionBits, row.y[k] >> kPositionBits);
  T* to = row.to + static_cast<std::ptrdiff_t>(k) * kChannels;
  for (int c = 0; c < kChannels; ++c) to[c] = from[c];
}

template <class T>
void bilinear_pixel(const SampleRow<T>& row, int k) {
  T* to = row.to + static_cast<std::ptrdiff_t>(k) * kChannels;
  if (!is_inside(row, k)) {
    for (std::size_t c = 0; c < row.fill.size(); ++c) to[c] = row.fill[c];
    return;
  }
  const Pair across = pair_at(row.x[k], row.whole.width);
  const Pair down = pair_at(row.y[k], row.whole.height);
  const T* upper_left = pixel_at(row, across.first, down.first);
  const T* upper_right = pixel_at(row, across.second, down.first);
  const T* lower_left = pixel_at(row, across.first, down.second);
  const T* lower_right = pixel_at(row, across.second, down.second);
  for (int c = 0; c < kChannels; ++c)
    to[c] = mixed(std::array<T, 4>{upper_left[c], upper_right[c], lower_left[c], lower_right[c]},
                  across.weight, down.weight);
}

}  // namespace sluice::augment::plain
