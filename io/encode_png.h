// Writes images as PNG, on libpng.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/image.h"

namespace sluice::io {

// An RGB file of 8 bits a channel of a u8 image with at least one pixel; the same bytes for the
// same pixels. Any thread. Throws Error{usage} for an image that has no PNG, Error{run} when libpng
// fails (memory).
std::vector<std::byte> encode_png(ConstImageView image);

}  // namespace sluice::io
