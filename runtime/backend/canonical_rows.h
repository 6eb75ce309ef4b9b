// Activations as they stand where channels are last, in canonical order.
#pragma once

#include <span>

#include "runtime/backend/bf16.h"
#include "runtime/tensor.h"

namespace sluice {

// Whole rows of shape `row` (channels first), each from (pixels, channels) to (channels, pixels),
// in f32. As many values in both.
template <class T>
void channels_first(const Shape& row, std::span<const T> from, std::span<float> to) {
  const auto elements = static_cast<std::size_t>(row.elements());
  const auto channels = static_cast<std::size_t>(row[0]);
  const std::size_t pixels = elements / channels;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t in_row = i % elements;
    to[i - in_row + in_row % channels * pixels + in_row / channels] = to_float(from[i]);
  }
}

}  // namespace sluice
