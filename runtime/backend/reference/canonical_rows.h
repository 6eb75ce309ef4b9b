// The order of pixels that batches come in, and the one that layers work in.
#pragma once

#include <span>

#include "runtime/tensor.h"

namespace sluice::reference {

// (rows, side, side, channels) to (rows, channels, side, side); `row`: (channels, side, side).
inline void to_canonical_rows(const Shape& row, std::span<const float> from, std::span<float> to) {
  const auto channels = static_cast<std::size_t>(row[0]);
  const auto plane = static_cast<std::size_t>(row[1] * row[2]);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t channel = i % channels, pixel = i / channels % plane;
    const std::size_t first = i / (channels * plane) * (channels * plane);
    to[first + channel * plane + pixel] = from[i];
  }
}

}  // namespace sluice::reference
