// Rows of positions and of weighted sums: what the plain and the fast form of a warp's own
// arithmetic are handed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "augment/sampling.h"

namespace sluice::augment {

// The positions (sampling.h) of `count` output pixels of one row, from column `first` on. There is
// room for count rounded up to a multiple of kPlaceStep; what is written behind count means
// nothing.
inline constexpr int kPlaceStep = 16;
struct PlaceRow {
  int first = 0;
  int count = 0;
  std::int32_t* x = nullptr;
  std::int32_t* y = nullptr;
};

// With t = column + 0.5: x' = (a t + row_x) / (g t + under), y' = (d t + row_y) / (g t + under).
struct ProjectedRow {
  double a = 1, row_x = 0;
  double d = 0, row_y = 0;
  double g = 0, under = 1;
};

// With t = column + 0.5 - centre_x, s = (t^2 + row_square) * unit, f = 1 + s (k1 + s k2):
// x' = centre_x + t f, y' = centre_y + down f.
struct RadialRow {
  double centre_x = 0, centre_y = 0;
  double down = 0, row_square = 0;
  double unit = 1;
  double k1 = 0, k2 = 0;
};

// x' = column + 0.5 + strength across[k], y' = row + 0.5 + strength down[k]; both fields have room
// as PlaceRow has.
struct DisplacedRow {
  int row = 0;
  double strength = 0;
  const float* across = nullptr;
  const float* down = nullptr;
};

// to[k] = sum over i of weights[i] * from[k + i * step], for k < count, in the order of i.
struct WeightedSums {
  const float* from = nullptr;
  std::size_t step = 1;
  std::span<const float> weights;
  std::size_t count = 0;
  float* to = nullptr;
};

// Cut to the position before, after a nudge of 2^-26 pixels, so that neither the cut nor the
// rounding of what came before decides whether a pixel lies in the image. What lies far outside, or
// nowhere, stays outside. Adding and subtracting 1.5 * 2^52 rounds to a whole number.
inline constexpr double kNudge = 0x1p-26 * kPositionOne;
inline constexpr double kFarthest = 2147460000.0;
inline constexpr double kWholeBits = 0x1.8p52;
inline std::int32_t fixed_position(double position) {
  double scaled = position * kPositionOne + kNudge;
  scaled = scaled > -kFarthest ? scaled : -kFarthest;
  scaled = scaled < kFarthest ? scaled : kFarthest;
  const double whole = (scaled + kWholeBits) - kWholeBits;
  return static_cast<std::int32_t>(whole > scaled ? whole - 1 : whole);
}

}  // namespace sluice::augment
