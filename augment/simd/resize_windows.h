// How resize.cpp cuts rows into windows: what all instruction sets share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/image.h"

namespace sluice::augment::simd {

// The bytes of an input row from `from` on make the values of an output row from `to` on.
struct Window {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

inline constexpr std::size_t kWide = 64;    // bytes of a window
inline constexpr std::size_t kNarrow = 16;  // the same without VBMI

// Windows of so many bytes for `outputs` pixels in a row, at most: of n pixels of a window, the
// last one's right neighbour ends at most 2 pixels and n - 1 steps behind the first one's left.
inline std::size_t windows_at_most(std::size_t bytes, int in, int out, int outputs) {
  const auto pixels = static_cast<std::int64_t>(bytes / kChannels);
  const std::int64_t within = 1 + (pixels - 2) * out / in;
  const auto each = std::min(within, static_cast<std::int64_t>(bytes / 2 / kChannels));
  return static_cast<std::size_t>((outputs + each - 1) / each);
}

// Sixteen-bit values of a row between the passes, with what a last window writes behind them.
inline std::size_t kept_values(int outputs) {
  return static_cast<std::size_t>(outputs) * kChannels + kWide / 2;
}

// Two such rows; for each window `bytes` places and as many bytes of weights, and where it lies.
inline std::size_t scratch_for(std::size_t windows, std::size_t bytes, int outputs) {
  return windows * (2 * bytes + sizeof(Window)) + 2 * kept_values(outputs) * sizeof(std::int16_t);
}

}  // namespace sluice::augment::simd
