// Loops over whole pixels for kernels that mix channels: sixteen pixels a step, one vector a
// channel. Compiled once for each instruction set by the files that include it (Highway's -inl.h
// custom).
#include <cstddef>
#include <cstdint>

#include "augment/pixel_loop.h"

#if defined(SLUICE_AUGMENT_SIMD_PIXELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SLUICE_AUGMENT_SIMD_PIXELS_INL_H
#undef SLUICE_AUGMENT_SIMD_PIXELS_INL_H
#else
#define SLUICE_AUGMENT_SIMD_PIXELS_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

inline constexpr std::size_t kPixelsAStep = 16;
using Values = hn::CappedTag<float, kPixelsAStep>;
using Value = hn::Vec<Values>;
using Block = hn::FixedTag<std::uint8_t, kPixelsAStep>;
using BlockOfBytes = hn::Vec<Block>;
inline constexpr std::size_t kLanes = hn::MaxLanes(Values());
inline constexpr std::size_t kParts = kPixelsAStep / kLanes;

// One channel each, of kLanes pixels.
struct Pixels {
  Value red, green, blue;
};

// Part `kPart` of sixteen bytes as floats. (A template in `kOf`, so that only the branch that fits
// is compiled.)
template <std::size_t kPart, std::size_t kOf = kParts, class Bytes>
HWY_INLINE Value part_of(Bytes bytes) {
  const hn::Rebind<std::int32_t, Values> whole;
  if constexpr (kOf == 1) {
    return hn::ConvertTo(Values(), hn::PromoteTo(whole, bytes));
  } else {
    const auto first = hn::ShiftRightBytes<kPart * kLanes>(Block(), bytes);
    if constexpr (kOf == 2)
      return hn::ConvertTo(Values(), hn::PromoteTo(whole, hn::LowerHalf(first)));
    else
      return hn::ConvertTo(Values(), hn::PromoteTo(whole, hn::LowerHalf(hn::LowerHalf(first))));
  }
}

// Rounded to the nearest (halves to even) and clamped, as to_byte does.
HWY_INLINE auto rounded(Value value) {
  return hn::DemoteTo(hn::Rebind<std::uint8_t, Values>(), hn::NearestInt(value));
}

template <std::size_t kOf = kParts, class V>
HWY_INLINE BlockOfBytes bytes_of(const V* parts) {
  if constexpr (kOf == 1) {
    return rounded(parts[0]);
  } else if constexpr (kOf == 2) {
    return hn::Combine(Block(), rounded(parts[1]), rounded(parts[0]));
  } else {
    const hn::Half<Block> half;
    return hn::Combine(Block(), hn::Combine(half, rounded(parts[3]), rounded(parts[2])),
                       hn::Combine(half, rounded(parts[1]), rounded(parts[0])));
  }
}

HWY_INLINE void load_parts(const std::uint8_t* from, Pixels* parts) {
  BlockOfBytes red, green, blue;
  hn::LoadInterleaved3(Block(), from, red, green, blue);
  parts[0] = {part_of<0>(red), part_of<0>(green), part_of<0>(blue)};
  if constexpr (kParts >= 2) parts[1] = {part_of<1>(red), part_of<1>(green), part_of<1>(blue)};
  if constexpr (kParts == 4) {
    parts[2] = {part_of<2>(red), part_of<2>(green), part_of<2>(blue)};
    parts[3] = {part_of<3>(red), part_of<3>(green), part_of<3>(blue)};
  }
}
HWY_INLINE void load_parts(const float* from, Pixels* parts) {
  for (std::size_t p = 0; p < kParts; ++p)
    hn::LoadInterleaved3(Values(), from + p * 3 * kLanes, parts[p].red, parts[p].green,
                         parts[p].blue);
}

HWY_INLINE void store_parts(const Pixels* parts, std::uint8_t* to) {
  Value red[kParts], green[kParts], blue[kParts];
  for (std::size_t p = 0; p < kParts; ++p) {
    red[p] = parts[p].red;
    green[p] = parts[p].green;
    blue[p] = parts[p].blue;
  }
  hn::StoreInterleaved3(bytes_of(red), bytes_of(green), bytes_of(blue), Block(), to);
}
HWY_INLINE void store_parts(const Pixels* parts, float* to) {
  for (std::size_t p = 0; p < kParts; ++p)
    hn::StoreInterleaved3(parts[p].red, parts[p].green, parts[p].blue, Values(),
                          to + p * 3 * kLanes);
}

// body(Pixels) -> Pixels, for all whole steps of sixteen pixels; gives the loop over the rest.
template <class From, class To, class Body>
HWY_INLINE PixelLoop<From, To> each_step(PixelLoop<From, To> loop, const Body& body) {
  for (; loop.pixels >= kPixelsAStep; loop.pixels -= kPixelsAStep) {
    Pixels parts[kParts];
    load_parts(loop.from, parts);
    for (Pixels& part : parts) part = body(part);
    store_parts(parts, loop.to);
    loop.from += kPixelsAStep * 3;
    loop.to += kPixelsAStep * 3;
  }
  return loop;
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
