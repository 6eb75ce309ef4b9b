// A 3 x 4 matrix on every pixel's colour, as the obvious loop.
#pragma once

#include <cstdint>

#include "augment/colour_affine.h"
#include "augment/pixel_loop.h"

namespace sluice::augment::plain {

// Each channel is ((m0 R + m1 G) + m2 B) + offset.
void matrix(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ColourAffine& affine);
void matrix(const PixelLoop<std::uint8_t, float>& loop, const ColourAffine& affine);
void matrix(const PixelLoop<float, float>& loop, const ColourAffine& affine);

}  // namespace sluice::augment::plain
