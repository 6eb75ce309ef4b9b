// Where grey has no part in it every value is for itself, and bytes go through a table where
// vectors are looked up at once (VBMI); else a vector holds one channel.
#include "augment/simd/tone.h"

#include <algorithm>
#include <array>

#include "augment/plain/tone.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/tone.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "augment/simd/pixels-inl.h"
#include "augment/simd/table-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

template <class From, class To>
void tone_any(const PixelLoop<From, To>& loop, const Tone& by) {
  plain::tone(loop, by);
}

#else

HWY_INLINE Value load(const float* from) { return hn::LoadU(Values(), from); }
HWY_INLINE Value load(const std::uint8_t* from) {
  const hn::Rebind<std::uint8_t, Values> bytes;
  return hn::ConvertTo(Values(),
                       hn::PromoteTo(hn::Rebind<std::int32_t, Values>(), hn::LoadU(bytes, from)));
}
HWY_INLINE void store(Value value, float* to) { hn::StoreU(value, Values(), to); }
HWY_INLINE void store(Value value, std::uint8_t* to) {
  hn::StoreU(rounded(value), hn::Rebind<std::uint8_t, Values>(), to);
}

// Three vectors a step are whole pixels.
template <class From, class To>
HWY_INLINE void each_value(PixelLoop<From, To> loop, const Tone& by) {
  const Value factor = hn::Set(Values(), by.factor);
  const Value offset = hn::Set(Values(), by.offset);
  for (; loop.pixels >= kLanes; loop.pixels -= kLanes) {
    for (std::size_t i = 0; i < 3 * kLanes; i += kLanes)
      store(hn::Add(hn::Mul(factor, load(loop.from + i)), offset), loop.to + i);
    loop.from += 3 * kLanes;
    loop.to += 3 * kLanes;
  }
  plain::tone(loop, by);
}

#if HWY_TARGET == HWY_AVX3_DL

// So many pixels are worth a table of all 256 values, which 86 pixels hold.
constexpr std::size_t kWorthATable = 512;
constexpr std::size_t kAllValues = 86;

void each_byte(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& by) {
  if (loop.pixels < kWorthATable) return each_value(loop, by);
  std::array<std::uint8_t, kAllValues * 3> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
  each_value(PixelLoop<std::uint8_t, std::uint8_t>{values.data(), kAllValues, values.data()}, by);
  ByteTable table;
  std::copy_n(values.begin(), table.size(), table.begin());
  plain::tone(each_looked_up(loop, VectorTable(table)), by);
}

#endif

// The part of all three channels that grey and offset make.
struct Rest {
  Value grey, offset, of_red, of_green, of_blue;

  explicit Rest(const Tone& by)
      : grey(hn::Set(Values(), by.grey)),
        offset(hn::Set(Values(), by.offset)),
        of_red(hn::Set(Values(), kGreyWeights[0])),
        of_green(hn::Set(Values(), kGreyWeights[1])),
        of_blue(hn::Set(Values(), kGreyWeights[2])) {}
  HWY_INLINE Value operator()(const Pixels& in) const {
    const Value two = hn::Add(hn::Mul(of_red, in.red), hn::Mul(of_green, in.green));
    return hn::Add(hn::Mul(grey, hn::Add(two, hn::Mul(of_blue, in.blue))), offset);
  }
};

template <class From, class To>
HWY_INLINE void with_grey(const PixelLoop<From, To>& loop, const Tone& by) {
  const Rest rest(by);
  const Value factor = hn::Set(Values(), by.factor);
  plain::tone(each_step(loop,
                        [&](const Pixels& in) {
                          const Value add = rest(in);
                          return Pixels{hn::Add(hn::Mul(factor, in.red), add),
                                        hn::Add(hn::Mul(factor, in.green), add),
                                        hn::Add(hn::Mul(factor, in.blue), add)};
                        }),
              by);
}

// One value a pixel, which is rounded once.
template <class From, class To>
HWY_INLINE void only_grey(const PixelLoop<From, To>& loop, const Tone& by) {
  const Rest rest(by);
  plain::tone(each_step(loop,
                        [&](const Pixels& in) {
                          const Value value = rest(in);
                          return Pixels{value, value, value};
                        }),
              by);
}

template <class From, class To>
void tone_any(const PixelLoop<From, To>& loop, const Tone& by) {
  if (by.grey == 0) return each_value(loop, by);
  if (by.factor == 0) return only_grey(loop, by);
  with_grey(loop, by);
}

#endif

#if HWY_TARGET == HWY_AVX3_DL
void tone_bytes(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& by) {
  if (by.grey == 0) return each_byte(loop, by);
  tone_any(loop, by);
}
#else
void tone_bytes(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& by) {
  tone_any(loop, by);
}
#endif
void tone_to_floats(const PixelLoop<std::uint8_t, float>& loop, const Tone& by) {
  tone_any(loop, by);
}
void tone_floats(const PixelLoop<float, float>& loop, const Tone& by) { tone_any(loop, by); }

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(tone_bytes);
HWY_EXPORT(tone_to_floats);
HWY_EXPORT(tone_floats);

void tone(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const Tone& by) {
  HWY_DYNAMIC_DISPATCH(tone_bytes)(loop, by);
}
void tone(const PixelLoop<std::uint8_t, float>& loop, const Tone& by) {
  HWY_DYNAMIC_DISPATCH(tone_to_floats)(loop, by);
}
void tone(const PixelLoop<float, float>& loop, const Tone& by) {
  HWY_DYNAMIC_DISPATCH(tone_floats)(loop, by);
}

}  // namespace sluice::augment::simd
#endif
