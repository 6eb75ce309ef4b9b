// The f32 passes: multiply, then add, in the order of the plain twin.
#include <algorithm>

#include "augment/plain/antialias.h"
#include "augment/simd/antialias.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/antialias_f32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors, no shuffles

void horizontal_f32(const HorizontalPass<float>& pass) { plain::horizontal(pass); }
void vertical_f32(const VerticalPass<float>& pass) { plain::vertical(pass); }

#else

using Pixel = hn::FixedTag<float, 4>;  // R, G, B and a neighbour's R
using Half = hn::FixedTag<float, 2>;
using Values = hn::ScalableTag<float>;

constexpr std::size_t kRows = 4;  // that share each weight

HWY_INLINE void store_pixel(hn::Vec<Pixel> pixel, float* to) {
  hn::StoreU(hn::LowerHalf(pixel), Half(), to);
  to[2] = hn::GetLane(hn::UpperHalf(Half(), pixel));
}

// One output pixel of kRows rows that are `length` floats long. Reads one float behind the pixels.
HWY_INLINE void sum_pixel(const float* from, std::size_t length, const float* weights, int count,
                          hn::Vec<Pixel> (&sums)[kRows]) {
  for (auto& sum : sums) sum = hn::Zero(Pixel());
  for (int i = 0; i < count; ++i, from += 3) {
    const auto weight = hn::Set(Pixel(), weights[i]);
    for (std::size_t r = 0; r < kRows; ++r)
      sums[r] = hn::Add(sums[r], hn::Mul(hn::LoadU(Pixel(), from + r * length), weight));
  }
}

HWY_INLINE void horizontal_rows(const HorizontalPass<float>& pass) {
  const std::size_t outputs = pass.taps.ranges.size();
  hn::Vec<Pixel> sums[kRows];
  for (std::size_t x = 0; x < outputs; ++x) {
    const TapRange range = pass.taps.ranges[x];
    const float* first = pass.from + static_cast<std::ptrdiff_t>(range.first) * 3;
    sum_pixel(first, static_cast<std::size_t>(pass.width) * 3, pass.taps.of(x), range.count, sums);
    for (std::size_t r = 0; r < kRows; ++r) store_pixel(sums[r], pass.to + (r * outputs + x) * 3);
  }
}

// The last rows have nothing behind them that could be read, so they are the plain twin's.
void horizontal_f32(const HorizontalPass<float>& pass) {
  HorizontalPass<float> rest = pass;
  for (; rest.rows > static_cast<int>(kRows); rest.rows -= static_cast<int>(kRows)) {
    horizontal_rows(rest);
    rest.from += static_cast<std::size_t>(rest.width) * 3 * kRows;
    rest.to += rest.taps.ranges.size() * 3 * kRows;
  }
  plain::horizontal(rest);
}

template <std::size_t kParts>
HWY_INLINE void sum_column(const float* from, std::size_t length, TapRange range,
                           const float* weights, float* to) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  hn::Vec<Values> sums[kParts];
  for (auto& sum : sums) sum = hn::Zero(Values());
  for (int i = 0; i < range.count; ++i, from += length) {
    const auto weight = hn::Set(Values(), weights[i]);
    for (std::size_t p = 0; p < kParts; ++p)
      sums[p] = hn::Add(sums[p], hn::Mul(hn::LoadU(Values(), from + p * kLanes), weight));
  }
  for (std::size_t p = 0; p < kParts; ++p) hn::StoreU(sums[p], Values(), to + p * kLanes);
}

// A row in steps of kParts vectors; the last step overlaps the one before it.
template <std::size_t kParts>
HWY_INLINE void vertical_rows(const VerticalPass<float>& pass) {
  constexpr std::size_t kStep = kParts * hn::MaxLanes(Values());
  float* to = pass.to;
  for (std::size_t y = 0; y < pass.taps.ranges.size(); ++y, to += pass.length) {
    const TapRange range = pass.taps.ranges[y];
    const auto first = static_cast<std::size_t>(range.first - pass.first_row);
    for (std::size_t at = 0; at < pass.length; at += kStep) {
      const std::size_t begin = std::min(at, pass.length - kStep);
      sum_column<kParts>(pass.from + first * pass.length + begin, pass.length, range,
                         pass.taps.of(y), to + begin);
    }
  }
}

void vertical_f32(const VerticalPass<float>& pass) {
  constexpr std::size_t kLanes = hn::MaxLanes(Values());
  if (pass.length >= 4 * kLanes)
    vertical_rows<4>(pass);
  else if (pass.length >= kLanes)
    vertical_rows<1>(pass);
  else
    plain::vertical(pass);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(horizontal_f32);
HWY_EXPORT(vertical_f32);

void horizontal(const HorizontalPass<float>& pass) { HWY_DYNAMIC_DISPATCH(horizontal_f32)(pass); }
void vertical(const VerticalPass<float>& pass) { HWY_DYNAMIC_DISPATCH(vertical_f32)(pass); }

}  // namespace sluice::augment::simd
#endif
