// Antialiased resize, bit-identical to Pillow's Image.resize (BILINEAR, BICUBIC, LANCZOS by the
// kernel) for u8 RGB.
#pragma once

#include <cstddef>
#include <span>

#include "augment/taps.h"
#include "runtime/image.h"

namespace sluice::augment {

// Horizontally first, then vertically (an axis that keeps its length is skipped). u8 goes through
// fixed point and is rounded to u8 after each pass; f32 is summed in float. A part of the output
// has the bits it has in the whole; `from` holds at least antialias_box_before of it. Types equal,
// parts not empty, no overlap. `scratch`: antialias_scratch_bytes, aligned to 64 bytes; allocates
// nothing. What is resized may be a window of the image that is there: `from.whole` is then the
// window, and `from.box` says where the pixels lie as seen from it (left of 0, if need be).
void resize_antialias(const ConstImagePart& from, const ImagePart& to, std::span<std::byte> scratch,
                      Kernel kernel = Kernel::triangle);

// Enough for any part of the output from any part of the input; exact where both are whole and both
// axes change.
std::size_t antialias_scratch_bytes(Extent from, Extent to, PixelType type,
                                    Kernel kernel = Kernel::triangle);
// The same for a window of extent `from` of an image of extent `held`.
std::size_t antialias_scratch_bytes_in(Extent held, Extent from, Extent to, PixelType type,
                                       Kernel kernel);

// The pixels of an image of extent `from` that the part `after` of the output is made of.
Box antialias_box_before(Extent from, Extent to, const Box& after,
                         Kernel kernel = Kernel::triangle);

}  // namespace sluice::augment
