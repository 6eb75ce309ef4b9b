// Turns hues, with the bits of plain/hue.h.
#pragma once

#include <cstdint>

#include "augment/pixel_loop.h"

namespace sluice::augment::simd {

// By `sixths` sixths of a full turn, -6 to 6.
void turn_hue(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sixths);
void turn_hue(const PixelLoop<float, float>& loop, float sixths);

}  // namespace sluice::augment::simd
