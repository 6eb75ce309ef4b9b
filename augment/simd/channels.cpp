// Three vectors at a time, whose constants are R G B R G B ... throughout.
#include "augment/simd/channels.h"

#include <algorithm>
#include <cassert>

#include "augment/plain/channels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/channels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

void combine_u8(const ChannelLoop<std::uint8_t>& loop) { plain::combine(loop); }
void combine_f32(const ChannelLoop<float>& loop) { plain::combine(loop); }

#else

using Values = hn::ScalableTag<float>;
using Value = hn::Vec<Values>;

HWY_INLINE Value load(const float* from) { return hn::LoadU(Values(), from); }
HWY_INLINE Value load(const std::uint8_t* from) {
  const hn::Rebind<std::int32_t, Values> whole;
  const hn::Rebind<std::uint8_t, Values> bytes;
  return hn::ConvertTo(Values(), hn::PromoteTo(whole, hn::LoadU(bytes, from)));
}

template <ChannelOperation kOperation>
HWY_INLINE Value combined(Value value, Value constant) {
  if constexpr (kOperation == ChannelOperation::add) return hn::Add(value, constant);
  if constexpr (kOperation == ChannelOperation::subtract) return hn::Sub(value, constant);
  if constexpr (kOperation == ChannelOperation::divide) return hn::Div(value, constant);
}

// Where vectors lie aligned, the result goes past the cache: rows of a batch do, and nobody reads
// them soon; images (runtime/image.h) do not, and the next node reads them at once.
bool goes_past_cache(const float* to) {
  return reinterpret_cast<std::uintptr_t>(to) % (hn::MaxLanes(Values()) * sizeof(float)) == 0;
}

template <bool kPastCache>
HWY_INLINE void store(Value value, float* to) {
  if constexpr (kPastCache) return hn::Stream(value, Values(), to);
  hn::StoreU(value, Values(), to);
}

// The last step overlaps the one before it, by whole pixels.
template <ChannelOperation kOperation, bool kPastCache, class T>
HWY_INLINE void each_value(const ChannelLoop<T>& loop) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  constexpr std::size_t kStep = 3 * kLanes;
  const std::size_t values = loop.pixels * 3;
  if (values < kStep) return plain::combine(loop);
  HWY_ALIGN float repeated[kStep];
  for (std::size_t i = 0; i < kStep; ++i) repeated[i] = loop.constants[i % 3];
  const Value first = hn::Load(Values(), repeated);
  const Value second = hn::Load(Values(), repeated + kLanes);
  const Value third = hn::Load(Values(), repeated + 2 * kLanes);
  const auto three = [&]<bool kStream>(std::size_t i) {
    const T* from = loop.from + i;
    float* to = loop.to + i;
    store<kStream>(combined<kOperation>(load(from), first), to);
    store<kStream>(combined<kOperation>(load(from + kLanes), second), to + kLanes);
    store<kStream>(combined<kOperation>(load(from + 2 * kLanes), third), to + 2 * kLanes);
  };
  for (std::size_t i = 0; i + kStep <= values; i += kStep) three.template operator()<kPastCache>(i);
  three.template operator()<false>(values - kStep);
  if constexpr (kPastCache) hwy::FlushStream();
}

template <ChannelOperation kOperation, class T>
HWY_INLINE void each_value(const ChannelLoop<T>& loop) {
  if (goes_past_cache(loop.to)) return each_value<kOperation, true>(loop);
  each_value<kOperation, false>(loop);
}

template <class T>
HWY_INLINE void combine_any(const ChannelLoop<T>& loop) {
  switch (loop.operation) {
    case ChannelOperation::add:
      return each_value<ChannelOperation::add>(loop);
    case ChannelOperation::subtract:
      return each_value<ChannelOperation::subtract>(loop);
    case ChannelOperation::divide:
      return each_value<ChannelOperation::divide>(loop);
  }
}

void combine_u8(const ChannelLoop<std::uint8_t>& loop) { combine_any(loop); }
void combine_f32(const ChannelLoop<float>& loop) { combine_any(loop); }

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(combine_u8);
HWY_EXPORT(combine_f32);

void combine(const ChannelLoop<std::uint8_t>& loop) { HWY_DYNAMIC_DISPATCH(combine_u8)(loop); }
void combine(const ChannelLoop<float>& loop) { HWY_DYNAMIC_DISPATCH(combine_f32)(loop); }

void combine(ConstImageView from, ChannelOperation operation, const Rgb& constants, ImageView to) {
  assert(to.extent == from.extent && to.type == PixelType::f32);
  const auto pixels = static_cast<std::size_t>(from.extent.pixels());
  if (from.type == PixelType::u8)
    combine(ChannelLoop<std::uint8_t>{from.u8(0), operation, constants, pixels, to.f32(0)});
  else
    combine(ChannelLoop<float>{from.f32(0), operation, constants, pixels, to.f32(0)});
}

}  // namespace sluice::augment::simd
#endif
