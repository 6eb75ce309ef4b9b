// Plain bilinear resize: the obvious formula, no antialiasing.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/image.h"

namespace sluice::augment {

// Output pixel i samples the input at (i + 0.5) * in / out - 0.5, mixes the two neighbours in x,
// then in y, in float; neighbours beyond the edge are the edge's pixel. u8 results are rounded to
// the nearest, halves up. Types equal, extents not empty, no overlap. `scratch`:
// bilinear_scratch_bytes, aligned to 64 bytes; allocates nothing.
void resize_bilinear(ConstImageView from, ImageView to, std::span<std::byte> scratch);

std::size_t bilinear_scratch_bytes(Extent to);

}  // namespace sluice::augment
