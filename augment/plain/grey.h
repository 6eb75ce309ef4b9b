// The grey of pixels of bytes, as the obvious loop.
#pragma once

#include <cstdint>

#include "augment/pixel_loop.h"

namespace sluice::augment::plain {

// All three values become (19595 R + 38470 G + 7471 B + 2^15) / 2^16, cut off: Pillow's "L".
void grey(const PixelLoop<std::uint8_t, std::uint8_t>& loop);

}  // namespace sluice::augment::plain
