// Plain bilinear resizing of bytes: what its plain and its fast form are handed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "augment/places.h"
#include "runtime/image.h"

namespace sluice::augment {

// `to` is made of `from`, which holds at least bilinear_box_before of it; both u8, no overlap.
struct ByteResize {
  ConstImagePart from;
  ImagePart to;
  std::span<std::byte> scratch;  // simd::resize_scratch_bytes; the plain twin needs none
};

// Where output pixel `output` samples an axis that goes from `in` to `out` pixels: as a place, and
// as a position of sampling.h.
inline double resized_place(int output, int in, int out) { return (output + 0.5) * in / out; }
inline std::int32_t resized_position(int output, int in, int out) {
  return fixed_position(resized_place(output, in, out));
}

}  // namespace sluice::augment
