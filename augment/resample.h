// The filters by which an image, or a window of one, is brought to another size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/image.h"

namespace sluice::augment {

// All but `bilinear` take every input pixel that an output pixel covers (antialias.h), so that they
// do not alias when they shrink.
enum class Filter : std::uint8_t {
  antialias,  // a triangle: the bytes of Pillow's BILINEAR; the default
  bilinear,   // the four nearest input pixels (bilinear.h)
  bicubic,    // the bytes of Pillow's BICUBIC
  lanczos,    // the bytes of Pillow's LANCZOS
  area,  // the mean of what is covered, pixels in part by their part: OpenCV's INTER_AREA, where
         // both sides shrink or both grow (it rounds once, this after each pass). Pillow's BOX
         // counts whole pixels only
};

// `held`: the image that is there; `from`: what of it is resized, all or a window; `to`: the
// result.
struct Resizing {
  Extent held;
  Extent from;
  Extent to;
  PixelType type = PixelType::u8;
};

// Fills `to` from `from`, as resize_antialias and resize_bilinear say; where both wholes have one
// extent, pixels are copied. `from.whole` may be a window of what is there: `from.box` then is
// counted from the window's corner. Allocates nothing.
void resample(const ConstImagePart& from, const ImagePart& to, Filter filter,
              std::span<std::byte> scratch);

// What `resample` works in, aligned to 64 bytes; enough for any part.
std::size_t resample_scratch_bytes(const Resizing& sizes, Filter filter);

// The part of an image (or window) of extent `from` that the part `after` of the result is made of.
Box resample_box_before(Extent from, Extent to, const Box& after, Filter filter);

}  // namespace sluice::augment
