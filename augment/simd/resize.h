// Plain bilinear resizing of bytes, with the bits of plain/resize.h.
#pragma once

#include <cstddef>

#include "augment/byte_resize.h"

namespace sluice::augment::simd {

void resize_bilinear(const ByteResize& resize);

// The scratch that it takes, for any part of a result of extent `to` from an image (or window) of
// extent `from`; to be aligned to 64 bytes.
std::size_t resize_scratch_bytes(Extent from, Extent to);

}  // namespace sluice::augment::simd
