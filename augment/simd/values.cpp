#include "augment/simd/values.h"

#include <algorithm>

#include "augment/plain/values.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/values.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

void to_float_u8(std::span<const std::uint8_t> from, float* to) { plain::to_float(from, to); }
void subtract_u8(std::span<const std::uint8_t> from, const float* less, float* to) {
  plain::subtract(from, less, to);
}
void subtract_f32(std::span<const float> from, const float* less, float* to) {
  plain::subtract(from, less, to);
}

#else

using Values = hn::ScalableTag<float>;
using Value = hn::Vec<Values>;

HWY_INLINE Value load(const float* from) { return hn::LoadU(Values(), from); }
HWY_INLINE Value load(const std::uint8_t* from) {
  const hn::Rebind<std::int32_t, Values> whole;
  const hn::Rebind<std::uint8_t, Values> bytes;
  return hn::ConvertTo(Values(), hn::PromoteTo(whole, hn::LoadU(bytes, from)));
}

// In both loops the last step overlaps the one before it.
void to_float_u8(std::span<const std::uint8_t> from, float* to) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  if (from.size() < kLanes) return plain::to_float(from, to);
  for (std::size_t step = 0; step < from.size(); step += kLanes) {
    const std::size_t i = std::min(step, from.size() - kLanes);
    hn::StoreU(load(from.data() + i), Values(), to + i);
  }
}

template <class T>
HWY_INLINE void subtract_any(std::span<const T> from, const float* less, float* to) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  if (from.size() < kLanes) return plain::subtract(from, less, to);
  for (std::size_t step = 0; step < from.size(); step += kLanes) {
    const std::size_t i = std::min(step, from.size() - kLanes);
    hn::StoreU(hn::Sub(load(from.data() + i), load(less + i)), Values(), to + i);
  }
}

void subtract_u8(std::span<const std::uint8_t> from, const float* less, float* to) {
  subtract_any(from, less, to);
}
void subtract_f32(std::span<const float> from, const float* less, float* to) {
  subtract_any(from, less, to);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(to_float_u8);
HWY_EXPORT(subtract_u8);
HWY_EXPORT(subtract_f32);

void to_float(std::span<const std::uint8_t> from, float* to) {
  HWY_DYNAMIC_DISPATCH(to_float_u8)(from, to);
}
void subtract(std::span<const std::uint8_t> from, const float* less, float* to) {
  HWY_DYNAMIC_DISPATCH(subtract_u8)(from, less, to);
}
void subtract(std::span<const float> from, const float* less, float* to) {
  HWY_DYNAMIC_DISPATCH(subtract_f32)(from, less, to);
}

}  // namespace sluice::augment::simd
#endif
