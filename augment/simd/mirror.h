// Mirrored images; the bits of plain/mirror.h.
#pragma once

#include "runtime/image.h"

namespace sluice::augment::simd {

// Every row's pixels in reverse order. `to` has the type and extent of `from`; no overlap.
void mirror(ConstImageView from, ImageView to);

}  // namespace sluice::augment::simd
