// Rows of values and those around them: what the loops of sharpness and blur are handed. `to` never
// overlaps what is read.
#pragma once

#include <cstddef>

namespace sluice::augment {

// to[i] = factor x row[i] + weight x (the nine values around i, the middle one five times). i is
// one channel of a pixel, its neighbours lie 3 values to the left and right, above and below.
template <class T>
struct SharpenRow {
  const T* above = nullptr;
  const T* row = nullptr;
  const T* below = nullptr;
  float factor = 1;
  float weight = 0;
  std::size_t values = 0;  // each of the three is read from 3 values before to 3 behind
  T* to = nullptr;
};

// to[i] = weights[0] x rows[radius][i] + the sum over k from 1 to radius of
// weights[k] x (rows[radius - k][i] + rows[radius + k][i]).
template <class T>
struct BlurColumns {
  const T* const* rows = nullptr;  // 2 radius + 1
  const float* weights = nullptr;  // radius + 1
  int radius = 0;
  std::size_t values = 0;
  float* to = nullptr;
};

// The same along a row: to[i] of from[i - 3 radius] to from[i + 3 radius]; bytes are rounded.
template <class T>
struct BlurRow {
  const float* from = nullptr;
  const float* weights = nullptr;
  int radius = 0;
  std::size_t values = 0;
  T* to = nullptr;
};

}  // namespace sluice::augment
