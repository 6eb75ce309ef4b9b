// Colour operations on a pixel and its grey, with the bits of plain/tone.h.
#pragma once

#include <cstdint>

#include "augment/pixel_loop.h"
#include "augment/tone.h"

namespace sluice::augment::simd {

void tone(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& tone);
void tone(const PixelLoop<std::uint8_t, float>& loop, const Tone& tone);
void tone(const PixelLoop<float, float>& loop, const Tone& tone);

}  // namespace sluice::augment::simd
