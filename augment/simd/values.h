// Loops over values that know no channels; the bits of plain/values.h.
#pragma once

#include <cstdint>
#include <span>

namespace sluice::augment::simd {

// to[i] = from[i]. `to` has as many values as `from`.
void to_float(std::span<const std::uint8_t> from, float* to);
// to[i] = from[i] - less[i]. `to` and `less` have as many values as `from`.
void subtract(std::span<const std::uint8_t> from, const float* less, float* to);
void subtract(std::span<const float> from, const float* less, float* to);

}  // namespace sluice::augment::simd
