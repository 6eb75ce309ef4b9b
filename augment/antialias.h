// Antialiased resize, bit-identical to Pillow's Image.resize(size, BILINEAR) for u8 RGB.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/image.h"

namespace sluice::augment {

// Horizontally first, then vertically (an axis that keeps its length is skipped). u8 goes through
// fixed point and is rounded to u8 after each pass; f32 is summed in float. Types equal, extents
// not empty, no overlap. `scratch`: antialias_scratch_bytes, aligned to 64 bytes; allocates
// nothing.
void resize_antialias(ConstImageView from, ImageView to, std::span<std::byte> scratch);

// Exact: nothing beyond it is touched.
std::size_t antialias_scratch_bytes(Extent from, Extent to, PixelType type);

}  // namespace sluice::augment
