// Writes JPEG images to memory, on libjpeg-turbo. For data sets that we make ourselves.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "runtime/image.h"

namespace sluice::io {

struct JpegEncoding {
  int quality = 88;  // 1 to 100, libjpeg's scale
};

// A baseline 4:2:0 JFIF file of a u8 image with at least one pixel. Any thread. Throws Error{usage}
// for an image or quality that has no JPEG, Error{run} when libjpeg fails (memory).
std::vector<std::byte> encode_jpeg(ConstImageView image, const JpegEncoding& encoding);

// A file in memory that was handed in or, where it did not fit there, in libjpeg's own.
struct EncodedJpeg {
  struct Free {
    void operator()(unsigned char* data) const noexcept;
  };
  std::span<const std::byte> bytes;
  std::unique_ptr<unsigned char, Free> owned;
};

// The same into `memory`, of encoded_jpeg_bytes or fewer bytes; allocates only what libjpeg takes.
EncodedJpeg encode_jpeg(ConstImageView image, const JpegEncoding& encoding,
                        std::span<std::byte> memory);

// Enough for all but the noisiest images of the highest qualities: libjpeg-turbo's own bound.
std::size_t encoded_jpeg_bytes(Extent extent);

}  // namespace sluice::io
