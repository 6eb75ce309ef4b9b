// Bytes, a vector a step.
#include "augment/simd/points.h"

#include <cmath>

#include "augment/plain/points.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/points.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Loop = PixelLoop<std::uint8_t, std::uint8_t>;

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

void invert_bytes(const Loop& loop) { plain::invert(loop); }
void solarize_bytes(const Loop& loop, std::uint8_t threshold) { plain::solarize(loop, threshold); }
void posterize_bytes(const Loop& loop, int bits) { plain::posterize(loop, bits); }

#else

using Bytes = hn::ScalableTag<std::uint8_t>;
using Vector = hn::Vec<Bytes>;

// Three vectors a step are whole pixels; gives the loop over the rest.
template <class Body>
HWY_INLINE Loop each_vector(Loop loop, const Body& body) {
  constexpr std::size_t kLanes = hn::MaxLanes(Bytes());
  for (; loop.pixels >= kLanes; loop.pixels -= kLanes) {
    for (std::size_t i = 0; i < 3 * kLanes; i += kLanes)
      hn::StoreU(body(hn::LoadU(Bytes(), loop.from + i)), Bytes(), loop.to + i);
    loop.from += 3 * kLanes;
    loop.to += 3 * kLanes;
  }
  return loop;
}

void invert_bytes(const Loop& loop) {
  plain::invert(each_vector(loop, [](Vector value) { return hn::Not(value); }));
}

void solarize_bytes(const Loop& loop, std::uint8_t threshold) {
  const Vector least = hn::Set(Bytes(), threshold);
  const Loop rest = each_vector(loop, [&](Vector value) {
    const auto bright = hn::Eq(hn::Max(value, least), value);
    return hn::IfThenElse(bright, hn::Not(value), value);
  });
  plain::solarize(rest, threshold);
}

void posterize_bytes(const Loop& loop, int bits) {
  const Vector kept = hn::Set(Bytes(), static_cast<std::uint8_t>(0x100 - (1 << (8 - bits))));
  plain::posterize(each_vector(loop, [&](Vector value) { return hn::And(value, kept); }), bits);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(invert_bytes);
HWY_EXPORT(solarize_bytes);
HWY_EXPORT(posterize_bytes);

void invert(const PixelLoop<std::uint8_t, std::uint8_t>& loop) {
  HWY_DYNAMIC_DISPATCH(invert_bytes)(loop);
}
void invert(const PixelLoop<float, float>& loop) { plain::invert(loop); }

void solarize(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float threshold) {
  // The least byte that is inverted; above 255 there is none.
  const float least = std::ceil(std::max(threshold, 0.0F));
  if (least > 255) return plain::solarize(loop, threshold);
  HWY_DYNAMIC_DISPATCH(solarize_bytes)(loop, static_cast<std::uint8_t>(least));
}
void solarize(const PixelLoop<float, float>& loop, float threshold) {
  plain::solarize(loop, threshold);
}

void posterize(const PixelLoop<std::uint8_t, std::uint8_t>& loop, int bits) {
  HWY_DYNAMIC_DISPATCH(posterize_bytes)(loop, bits);
}
void posterize(const PixelLoop<float, float>& loop, int bits) { plain::posterize(loop, bits); }

}  // namespace sluice::augment::simd
#endif
