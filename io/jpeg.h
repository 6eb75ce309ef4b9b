// Reads JPEG images from memory, on libjpeg-turbo. Errors and warnings are values with a byte
// offset.
//
// Pure functions of their arguments; any thread, many at once. Everything libjpeg takes is given
// back before a call returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "runtime/error.h"
#include "runtime/extent.h"
#include "runtime/image.h"

namespace sluice::io {

// Checked before anything is allocated for the pixels.
struct JpegLimits {
  std::int64_t max_pixels = 100'000'000;  // width x height of the frame
  int max_scans = 500;  // of a multi-scan file; a scan costs a pass over the frame
  // Pixels passed by all scans together, so that the largest frames may have 100 scans only.
  std::int64_t max_scan_pixels = 10'000'000'000;
};

// Whether the EXIF orientation (tag 0x0112) turns the pixels.
enum class Orientation : std::uint8_t { ignore, apply };

// What becomes of an image whose data ends before its last pixel (README.md has the reasons).
enum class Truncated : std::uint8_t {
  reject,  // an error
  accept,  // a warning; what is missing is grey
};

struct JpegOptions {
  JpegLimits limits;
  Orientation orientation = Orientation::ignore;
  Truncated truncated = Truncated::reject;
};

struct JpegHeader {
  Extent extent;  // of the decoded image: turned where the options say so
  Extent stored;  // as in the file
  int components = 0;
  bool progressive = false;
  bool multi_scan = false;   // progressive or not interleaved: the decoder keeps all coefficients
  int exif_orientation = 1;  // 1 to 8; 1 where the file has none
  bool parts = false;  // a part of the image costs less than the whole (README.md: which files)
  // Upper bound of what the decoder allocates for itself (not the pixels it writes, nor the file).
  std::size_t decoder_bytes = 0;
};

// What the decoder complained about and got over.
struct JpegWarnings {
  int count = 0;
  std::string first;              // the decoder's text; empty when there was none
  std::int64_t byte_offset = -1;  // of the first
};

// Reads up to the first scan. The limits on pixels hold here.
Result<JpegHeader> read_jpeg_header(std::span<const std::byte> file, const JpegOptions& options);

// Decodes to RGB (grey, YCbCr, RGB, CMYK and YCCK files alike). `to`: u8, extent as the header with
// the same options says, else Error{usage}. After an error the pixels are undefined.
Result<JpegWarnings> decode_jpeg(std::span<const std::byte> file, const JpegOptions& options,
                                 ImageView to);

// Decodes the pixels of `part` only: the same values, the same errors and warnings as of the whole
// image. `part` counts in the pixels of the header's `extent`. Works for every file and saves time
// for those whose header says `parts`. Error{usage}: the part is empty or not inside the image, or
// `to` is not u8 of the part's extent.
Result<JpegWarnings> decode_jpeg(std::span<const std::byte> file, const JpegOptions& options,
                                 const Box& part, ImageView to);

}  // namespace sluice::io
