// Operations on each value by itself, with the bits of plain/points.h; floats are left to it.
#pragma once

#include <cstdint>

#include "augment/pixel_loop.h"

namespace sluice::augment::simd {

// 255 - in from `threshold` on.
void solarize(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float threshold);
void solarize(const PixelLoop<float, float>& loop, float threshold);

// 255 - in.
void invert(const PixelLoop<std::uint8_t, std::uint8_t>& loop);
void invert(const PixelLoop<float, float>& loop);

// Down to a multiple of 2^(8 - bits); 1 to 8 bits.
void posterize(const PixelLoop<std::uint8_t, std::uint8_t>& loop, int bits);
void posterize(const PixelLoop<float, float>& loop, int bits);

}  // namespace sluice::augment::simd
