// Weights of a one-dimensional antialiasing resize; for the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sluice::augment {

// Fixed point: a weight of 1 is 1 << kWeightBits. Pillow's choice: 8 bits of pixel, two of head
// room.
inline constexpr int kWeightBits = 32 - 8 - 2;

// The input pixels that one output pixel is made of: `count` from `first` on.
struct TapRange {
  int first = 0;
  int count = 0;
};

// One axis of a resize from `in` to `out` pixels, of whose outputs those from `first` to before
// `end` are wanted. Taps count input pixels from `origin` on.
struct TapAxis {
  int in = 1;
  int out = 1;
  int first = 0;
  int end = 1;
  int origin = 0;
};
constexpr TapAxis whole_axis(int in, int out) {
  return {.in = in, .out = out, .first = 0, .end = out};
}

// Lies in the scratch that it was made in.
template <class Weight>
struct Taps {
  std::size_t stride = 0;            // weights an output pixel, not all of them used
  std::span<const TapRange> ranges;  // one a wanted output pixel
  std::span<const Weight> weights;   // of the wanted pixel x: from x * stride on

  const Weight* of(std::size_t output) const { return weights.data() + output * stride; }
};

// A triangle of half-width max(1, in / out) input pixels around the centre of each output pixel,
// cut off at the image's edges, normalised to sum 1 in double: Pillow's BILINEAR (Resample.c,
// precompute_coeffs). Integers are rounded to the nearest (normalize_coeffs_8bpc). `scratch`: at
// least taps_bytes, aligned (scratch.h).
Taps<std::int32_t> fixed_taps(const TapAxis& axis, std::span<std::byte> scratch);
Taps<float> float_taps(const TapAxis& axis, std::span<std::byte> scratch);

// The input pixels that any of the wanted outputs is made of.
TapRange taps_range(const TapAxis& axis);
// Most input pixels that an output pixel is made of.
int taps_stride(const TapAxis& axis);
// Bytes that either takes, its temporaries included; a multiple of 8.
std::size_t taps_bytes(const TapAxis& axis);

}  // namespace sluice::augment
