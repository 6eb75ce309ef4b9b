// Rows of pixels taken from anywhere in an image: what the plain and the fast form are handed.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/image.h"

namespace sluice::augment {

enum class Sampling : std::uint8_t {
  bilinear,  // the four nearest pixels
  nearest,   // the pixel that covers the position
};

// Positions are whole numbers of 1 / 32768 pixel: 16 bits before the point, all that a JPEG's sides
// can take.
inline constexpr int kPositionBits = 15;
inline constexpr std::int32_t kPositionOne = 1 << kPositionBits;
inline constexpr int kLargestSide = 65535;

// For k < count, output pixel k is the input at position (x[k], y[k]) of the whole image, whose
// pixel (i, j) covers [i, i + 1) x [j, j + 1): inside the image, what `Sampling` says, the edge's
// pixels going on beyond it; outside, `fill`. That is Pillow's Image.transform; OpenCV's borders
// and torch's grid_sample mix the fill colour into the outer half pixel instead.
//
// Of the image, `box` lies in memory at `from`; it holds all neighbours of the positions inside.
// Sides above kLargestSide count as that.
template <class T>
struct SampleRow {
  const T* from = nullptr;
  Box box;
  Extent whole;
  const std::int32_t* x = nullptr;
  const std::int32_t* y = nullptr;
  int count = 0;
  std::array<T, kChannels> fill{};
  T* to = nullptr;
};

// Where a position lies along one axis of `length` pixels; `inside` it.
constexpr bool inside_axis(std::int32_t position, int length) {
  const auto end = static_cast<std::uint32_t>(length < kLargestSide ? length : kLargestSide);
  return static_cast<std::uint32_t>(position) < end << kPositionBits;
}

}  // namespace sluice::augment
