// One pass of a separable resize: what its plain and its fast form are handed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "augment/taps.h"

namespace sluice::augment {

// Weights of u8 pixels are fixed point, those of f32 pixels are floats.
template <class T>
using WeightOf = std::conditional_t<std::is_same_v<T, float>, float, std::int32_t>;

// Integer sums start here, so that the shift rounds to the nearest.
inline constexpr std::int32_t kWeightHalf = 1 << (kWeightBits - 1);

// Every row by itself: `rows` rows of `width` pixels become rows of one pixel a tap range. No gaps
// between rows, no overlap; the last rows end where the memory ends.
template <class T>
struct HorizontalPass {
  const T* from = nullptr;
  int width = 0;
  int rows = 0;
  Taps<WeightOf<T>> taps;
  T* to = nullptr;
  std::span<std::byte> scratch;  // simd::horizontal_scratch_bytes; the plain twin needs none
};

// Every column by itself: one output row a tap range. `from` begins with row `first_row` of those
// that the taps count.
template <class T>
struct VerticalPass {
  const T* from = nullptr;
  int first_row = 0;
  std::size_t length = 0;  // values a row, of both sides
  Taps<WeightOf<T>> taps;
  T* to = nullptr;
};

}  // namespace sluice::augment
