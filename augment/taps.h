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

// The curve that an output pixel's weights follow, around its centre, in units of the larger of an
// input and an output pixel. In brackets Pillow's name.
enum class Kernel : std::uint8_t {
  triangle,  // half-width 1 (BILINEAR)
  cubic,     // half-width 2, Keys' with a = -0.5 (BICUBIC)
  lanczos,   // half-width 3 (LANCZOS)
  area,      // how much of an input pixel the output pixel covers: OpenCV's INTER_AREA
};

// One axis of a resize from `in` to `out` pixels, of whose outputs those from `first` to before
// `end` are wanted. Taps count input pixels from `origin` on.
struct TapAxis {
  int in = 1;
  int out = 1;
  int first = 0;
  int end = 1;
  int origin = 0;
  Kernel kernel = Kernel::triangle;
};
constexpr TapAxis whole_axis(int in, int out, Kernel kernel = Kernel::triangle) {
  return {.in = in, .out = out, .first = 0, .end = out, .kernel = kernel};
}

// Lies in the scratch that it was made in.
template <class Weight>
struct Taps {
  std::size_t stride = 0;            // weights an output pixel, not all of them used
  std::span<const TapRange> ranges;  // one a wanted output pixel
  std::span<const Weight> weights;   // of the wanted pixel x: from x * stride on

  const Weight* of(std::size_t output) const { return weights.data() + output * stride; }
};

// A curve around the centre of each output pixel, max(1, in / out) times as wide as it is by
// itself, cut off at the image's edges, normalised to sum 1 in double: the weights of Pillow's
// filters (Resample.c, precompute_coeffs). `area` is no curve: an input pixel weighs what the
// output pixel covers of it, exactly. Integers are rounded to the nearest (normalize_coeffs_8bpc).
// `scratch`: at least taps_bytes, aligned (scratch.h).
Taps<std::int32_t> fixed_taps(const TapAxis& axis, std::span<std::byte> scratch);
Taps<float> float_taps(const TapAxis& axis, std::span<std::byte> scratch);

// The input pixels that any of the wanted outputs is made of.
TapRange taps_range(const TapAxis& axis);
// Most input pixels that an output pixel is made of.
int taps_stride(const TapAxis& axis);
// Bytes that either takes, its temporaries included; a multiple of 8.
std::size_t taps_bytes(const TapAxis& axis);

}  // namespace sluice::augment
