// Plain bilinear resizing of bytes, pixel by pixel.
#pragma once

#include "augment/byte_resize.h"

namespace sluice::augment::plain {

// Every output pixel is mixed as warps mix theirs (sample.h).
void resize_bilinear(const ByteResize& resize);

}  // namespace sluice::augment::plain
