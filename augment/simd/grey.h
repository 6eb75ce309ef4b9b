// The grey of pixels of bytes, with the bits of plain/grey.h.
#pragma once

#include <cstdint>

#include "augment/pixel_loop.h"

namespace sluice::augment::simd {

void grey(const PixelLoop<std::uint8_t, std::uint8_t>& loop);

}  // namespace sluice::augment::simd
