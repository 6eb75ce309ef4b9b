// Plain bilinear resize: the obvious formula, no antialiasing.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/image.h"

namespace sluice::augment {

// Output pixel i samples the input at (i + 0.5) * in / out - 0.5, mixes the two neighbours in x,
// then in y; neighbours beyond the edge are the edge's pixel. f32 in float; u8 as warps do
// (plain/sample.h: the place cut to 1 / 32768 pixel, mixed in 1 / 128 grey levels), rounded to
// the nearest, halves up. A part of the output has the bits it has in the whole; `from` holds at
// least bilinear_box_before of it. The input's sides are at most 65535 pixels, as a JPEG's are.
// Types equal, parts not empty, no overlap. `scratch`: bilinear_scratch_bytes, aligned to 64 bytes;
// allocates nothing.
void resize_bilinear(const ConstImagePart& from, const ImagePart& to, std::span<std::byte> scratch);

// Enough for any part of the output; `from`: the whole input.
std::size_t bilinear_scratch_bytes(Extent from, Extent to, PixelType type);

// The pixels of an image of extent `from` that the part `after` of the output is made of.
Box bilinear_box_before(Extent from, Extent to, const Box& after);

}  // namespace sluice::augment
