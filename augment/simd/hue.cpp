// A vector holds one channel of neighbouring pixels; what plain/hue.cpp decides by `if` is chosen
// lane by lane.
#include "augment/simd/hue.h"

#include "augment/plain/hue.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/hue.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "augment/simd/pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

template <class T>
void turn_any(const PixelLoop<T, T>& loop, float sixths) {
  plain::turn_hue(loop, sixths);
}

#else

HWY_INLINE Value number(float value) { return hn::Set(Values(), value); }

// Where chroma is 0 the quotient is no number; those lanes get 0.
HWY_INLINE Value hue_of(const Pixels& in, Value most, Value chroma) {
  const auto is_red = hn::Eq(most, in.red);
  const auto is_green = hn::Eq(most, in.green);
  const Value over =
      hn::IfThenElse(is_red, hn::Sub(in.green, in.blue),
                     hn::IfThenElse(is_green, hn::Sub(in.blue, in.red), hn::Sub(in.red, in.green)));
  const Value start =
      hn::IfThenElse(is_red, number(0), hn::IfThenElse(is_green, number(2), number(4)));
  const Value hue = hn::Add(hn::Div(over, chroma), start);
  return hn::IfThenElse(hn::Eq(chroma, number(0)), number(0), hue);
}

HWY_INLINE Value channel(Value hue, float place, Value most, Value chroma) {
  const Value sum = hn::Add(number(place), hue);
  const Value turns = hn::Floor(hn::Mul(sum, number(1.0F / 6)));
  const Value around = hn::Sub(sum, hn::Mul(number(6), turns));
  const Value share =
      hn::Min(hn::Max(hn::Min(around, hn::Sub(number(4), around)), number(0)), number(1));
  return hn::Sub(most, hn::Mul(chroma, share));
}

template <class T>
void turn_any(const PixelLoop<T, T>& loop, float sixths) {
  const auto rest = each_step(loop, [&](const Pixels& in) {
    const Value most = hn::Max(hn::Max(in.red, in.green), in.blue);
    const Value chroma = hn::Sub(most, hn::Min(hn::Min(in.red, in.green), in.blue));
    const Value hue = hn::Add(hue_of(in, most, chroma), number(sixths));
    return Pixels{channel(hue, 5, most, chroma), channel(hue, 3, most, chroma),
                  channel(hue, 1, most, chroma)};
  });
  plain::turn_hue(rest, sixths);
}

#endif

void turn_bytes(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sixths) {
  turn_any(loop, sixths);
}
void turn_floats(const PixelLoop<float, float>& loop, float sixths) { turn_any(loop, sixths); }

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(turn_bytes);
HWY_EXPORT(turn_floats);

void turn_hue(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sixths) {
  HWY_DYNAMIC_DISPATCH(turn_bytes)(loop, sixths);
}
void turn_hue(const PixelLoop<float, float>& loop, float sixths) {
  HWY_DYNAMIC_DISPATCH(turn_floats)(loop, sixths);
}

}  // namespace sluice::augment::simd
#endif
