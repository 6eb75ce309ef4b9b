// What loops over whole pixels are handed, and how a float becomes a byte; for the .cpp files of
// this folder.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "runtime/image.h"

namespace sluice::augment {

// `pixels` pixels of R, G, B each. `to` may be `from` where both are of one type.
template <class From, class To>
struct PixelLoop {
  const From* from = nullptr;
  std::size_t pixels = 0;
  To* to = nullptr;
};

// To the nearest, halves to even, clamped to 0 to 255; no NaN. Adding 1.5 x 2^23 leaves the rounded
// number in the low bits of the float, which is what a vector's rounding gives too.
inline std::uint8_t to_byte(float value) {
  const float shifted = std::clamp(value, 0.0F, 255.0F) + 0x1.8p23F;
  return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(shifted) & 0xFFU);
}

// A result as a value of the image: a byte is rounded, a float is left alone.
template <class To>
To to_value(float value) {
  if constexpr (sizeof(To) == 1) {
    return to_byte(value);
  } else {
    return value;
  }
}

// Calls body(loop) for two images of one extent: u8 to u8, u8 to f32 or f32 to f32. The others take
// less: one type on both sides, or only the one in their name.
template <class Body>
void with_bytes(ConstImageView from, ImageView to, const Body& body) {
  assert(to.extent == from.extent);
  const auto pixels = static_cast<std::size_t>(from.extent.pixels());
  if (pixels > 0) body(PixelLoop<std::uint8_t, std::uint8_t>{from.u8(0), pixels, to.u8(0)});
}
template <class Body>
void with_floats(ConstImageView from, ImageView to, const Body& body) {
  assert(to.extent == from.extent);
  const auto pixels = static_cast<std::size_t>(from.extent.pixels());
  if (pixels > 0) body(PixelLoop<float, float>{from.f32(0), pixels, to.f32(0)});
}
template <class Body>
void with_equal_types(ConstImageView from, ImageView to, const Body& body) {
  if (from.type == PixelType::u8) return with_bytes(from, to, body);
  with_floats(from, to, body);
}
template <class Body>
void with_pixels(ConstImageView from, ImageView to, const Body& body) {
  if (from.type == to.type) return with_equal_types(from, to, body);
  assert(to.extent == from.extent);
  const auto pixels = static_cast<std::size_t>(from.extent.pixels());
  if (pixels > 0) body(PixelLoop<std::uint8_t, float>{from.u8(0), pixels, to.f32(0)});
}

}  // namespace sluice::augment
