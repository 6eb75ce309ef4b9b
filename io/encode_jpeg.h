// Writes JPEG images to memory, on libjpeg-turbo. For data sets that we make ourselves.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/image.h"

namespace sluice::io {

struct JpegEncoding {
  int quality = 88;  // 1 to 100, libjpeg's scale
};

// A baseline 4:2:0 JFIF file of a u8 image with at least one pixel. Any thread. Throws Error{usage}
// for an image or quality that has no JPEG, Error{run} when libjpeg fails (memory).
std::vector<std::byte> encode_jpeg(ConstImageView image, const JpegEncoding& encoding);

}  // namespace sluice::io
