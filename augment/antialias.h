// Antialiased resize, bit-identical to Pillow's Image.resize(size, BILINEAR) for u8 RGB.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/image.h"

namespace sluice::augment {

// Horizontally first, then vertically (an axis that keeps its length is skipped). u8 goes through
// fixed point and is rounded to u8 after each pass; f32 is summed in float. A part of the output
// has the bits it has in the whole; `from` holds at least antialias_box_before of it. Types equal,
// parts not empty, no overlap. `scratch`: antialias_scratch_bytes, aligned to 64 bytes; allocates
// nothing.
void resize_antialias(const ConstImagePart& from, const ImagePart& to,
                      std::span<std::byte> scratch);

// Enough for any part of the output from any part of the input; exact where both are whole and both
// axes change.
std::size_t antialias_scratch_bytes(Extent from, Extent to, PixelType type);

// The pixels of an image of extent `from` that the part `after` of the output is made of.
Box antialias_box_before(Extent from, Extent to, const Box& after);

}  // namespace sluice::augment
