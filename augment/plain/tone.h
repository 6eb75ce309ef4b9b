// Colour operations on a pixel and its grey, as the obvious loop.
#pragma once

#include <cstdint>

#include "augment/pixel_loop.h"
#include "augment/tone.h"

namespace sluice::augment::plain {

void tone(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& tone);
void tone(const PixelLoop<std::uint8_t, float>& loop, const Tone& tone);
void tone(const PixelLoop<float, float>& loop, const Tone& tone);

}  // namespace sluice::augment::plain
