// u8: two output pixels share a vector of sixteen-bit lanes. f32: a pixel a vector. Blocks of
// pixels that all lie inside go without a look at each; pixels at the edge are the plain twin's.
#include "augment/simd/sample.h"

#include <cstring>

#include "augment/plain/sample.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/sample.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors, no shuffles

void sample_u8(const SampleRow<std::uint8_t>& row) { plain::sample_bilinear(row); }
void sample_f32(const SampleRow<float>& row) { plain::sample_bilinear(row); }
void nearest_u8(const SampleRow<std::uint8_t>& row) { plain::sample_nearest(row); }
void nearest_f32(const SampleRow<float>& row) { plain::sample_nearest(row); }

#else

using Bytes = hn::FixedTag<std::uint8_t, 16>;
using Row = hn::FixedTag<std::uint8_t, 8>;  // two pixels, and two bytes behind them
using Lanes = hn::FixedTag<std::int16_t, 8>;
using Floats = hn::FixedTag<float, 4>;  // R, G, B and a neighbour's R
using Half = hn::FixedTag<float, 2>;

// The upper left one of a position's four pixels, and the weights of the others.
template <class T>
struct Place {
  const T* upper = nullptr;
  std::int32_t across = 0, down = 0;
};

template <class T>
HWY_INLINE Place<T> place_inside(const SampleRow<T>& row, int k) {
  const std::int32_t x = row.x[k] - kPositionOne / 2, y = row.y[k] - kPositionOne / 2;
  return {plain::pixel_at(row, x >> kPositionBits, y >> kPositionBits), x & (kPositionOne - 1),
          y & (kPositionOne - 1)};
}

// Whether three pixels to the right and two down are there to be read, none of them doubled by an
// edge; the least and the last position for which they are.
struct Reach {
  std::int32_t least, last;

  bool holds(std::int32_t position) const { return position >= least && position <= last; }
};
HWY_INLINE Reach reach(int first, int end, int pixels) {
  if (end - first < pixels || end > kLargestSide) return {1, 0};
  return {first * kPositionOne + kPositionOne / 2,
          (end - pixels + 1) * kPositionOne + kPositionOne / 2 - 1};
}

constexpr int kBlock = 32;  // pixels whose places are checked together

HWY_INLINE bool all_within(const std::int32_t* positions, Reach within) {
  const hn::FixedTag<std::int32_t, 4> four;
  auto low = hn::LoadU(four, positions), high = low;
  for (int k = 4; k < kBlock; k += 4) {
    const auto more = hn::LoadU(four, positions + k);
    low = hn::Min(low, more);
    high = hn::Max(high, more);
  }
  const auto outside =
      hn::Or(hn::Lt(low, hn::Set(four, within.least)), hn::Gt(high, hn::Set(four, within.last)));
  return hn::AllFalse(four, outside);
}

// Calls inside(k) for the first pixel of blocks that lie inside, any(k) for all other pixels.
// Behind a block there is at least one more pixel.
template <int kStep, class T, class Inside, class Any>
HWY_INLINE int each_block(const SampleRow<T>& row, const Inside& inside, const Any& any) {
  const Reach across = reach(row.box.left, row.box.right(), 3);
  const Reach down = reach(row.box.top, row.box.bottom(), 2);
  const auto found = [&](int k) { return across.holds(row.x[k]) && down.holds(row.y[k]); };
  int k = 0;
  for (; k + kBlock < row.count; k += kBlock) {
    if (all_within(row.x + k, across) && all_within(row.y + k, down))
      inside(k);
    else
      for (int i = k; i < k + kBlock; i += kStep) any(i, found);
  }
  for (; k + kStep <= row.count; k += kStep) any(k, found);
  return k;
}

template <class T>
HWY_INLINE const T* lower(const SampleRow<T>& row, const Place<T>& at) {
  return at.upper + static_cast<std::ptrdiff_t>(row.box.extent.width) * kChannels;
}

// Both rows mixed along x, in 1 / 128 grey levels: R G B 0 of the upper one, then of the lower one.
HWY_INLINE hn::Vec<Lanes> mixed_across(const SampleRow<std::uint8_t>& row,
                                       const Place<std::uint8_t>& at) {
  alignas(16) static constexpr std::uint8_t kLeft[16] = {0, 128, 1, 128, 2,  128, 128, 128,
                                                         8, 128, 9, 128, 10, 128, 128, 128};
  alignas(16) static constexpr std::uint8_t kRight[16] = {3,  128, 4,  128, 5,  128, 128, 128,
                                                          11, 128, 12, 128, 13, 128, 128, 128};
  const Bytes bytes;
  const Lanes lanes;
  const auto pixels =
      hn::Combine(bytes, hn::LoadU(Row(), lower(row, at)), hn::LoadU(Row(), at.upper));
  const auto left = hn::BitCast(lanes, hn::TableLookupBytesOr0(pixels, hn::Load(bytes, kLeft)));
  const auto right = hn::BitCast(lanes, hn::TableLookupBytesOr0(pixels, hn::Load(bytes, kRight)));
  const auto step = hn::ShiftLeft<7>(hn::Sub(right, left));
  const auto weight = hn::Set(lanes, static_cast<std::int16_t>(at.across));
  return hn::Add(hn::ShiftLeft<7>(left), hn::MulFixedPoint15(step, weight));
}

// Pixels k and k + 1, which lie inside: R G B R G B and two bytes of no meaning.
HWY_INLINE hn::Vec<Row> two_pixels(const SampleRow<std::uint8_t>& row, int k) {
  alignas(16) static constexpr std::uint8_t kTogether[16] = {0, 1, 2, 4, 5, 6, 3, 7};
  const Lanes lanes;
  const Bytes bytes;
  const hn::FixedTag<std::int16_t, 4> half;
  const auto first = place_inside(row, k), second = place_inside(row, k + 1);
  const auto a = mixed_across(row, first), b = mixed_across(row, second);
  const auto above = hn::ConcatLowerLower(lanes, b, a);
  const auto below = hn::ConcatUpperUpper(lanes, b, a);
  const auto weight = hn::Combine(lanes, hn::Set(half, static_cast<std::int16_t>(second.down)),
                                  hn::Set(half, static_cast<std::int16_t>(first.down)));
  const auto sum = hn::Add(above, hn::MulFixedPoint15(hn::Sub(below, above), weight));
  const auto rounded = hn::ShiftRight<7>(hn::Add(sum, hn::Set(lanes, 64)));
  const auto values = hn::ZeroExtendVector(bytes, hn::DemoteTo(Row(), rounded));
  return hn::LowerHalf(hn::TableLookupBytes(values, hn::Load(bytes, kTogether)));
}

template <class T>
HWY_INLINE T* output(const SampleRow<T>& row, int k) {
  return row.to + static_cast<std::ptrdiff_t>(k) * kChannels;
}

// Of all three loops: `row` is a copy, which stores to the output cannot change.
void sample_u8(const SampleRow<std::uint8_t>& given) {
  const SampleRow<std::uint8_t> row = given;
  // Two bytes of the next pixel are written too, and written again.
  const auto inside = [&](int k) {
    std::uint8_t* to = output(row, k);
    for (int i = k; i < k + kBlock; i += 2, to += 6) hn::StoreU(two_pixels(row, i), Row(), to);
  };
  const auto any = [&](int k, const auto& found) {
    if (found(k) && found(k + 1)) {
      alignas(8) std::uint8_t values[8];
      hn::Store(two_pixels(row, k), Row(), values);
      std::copy(values, values + 6, output(row, k));
    } else {
      plain::bilinear_pixel(row, k);
      plain::bilinear_pixel(row, k + 1);
    }
  };
  for (int k = each_block<2>(row, inside, any); k < row.count; ++k) plain::bilinear_pixel(row, k);
}

HWY_INLINE hn::Vec<Floats> mixed(hn::Vec<Floats> a, hn::Vec<Floats> b, hn::Vec<Floats> weight) {
  return hn::Add(a, hn::Mul(hn::Sub(b, a), weight));
}

HWY_INLINE hn::Vec<Floats> weight_of(std::int32_t weight) {
  return hn::Set(Floats(), static_cast<float>(weight) * (1.0F / kPositionOne));
}

HWY_INLINE hn::Vec<Floats> one_pixel(const SampleRow<float>& row, int k) {
  const Floats floats;
  const auto at = place_inside(row, k);
  const float* below = lower(row, at);
  const auto across = weight_of(at.across);
  const auto upper = mixed(hn::LoadU(floats, at.upper), hn::LoadU(floats, at.upper + 3), across);
  const auto under = mixed(hn::LoadU(floats, below), hn::LoadU(floats, below + 3), across);
  return mixed(upper, under, weight_of(at.down));
}

void sample_f32(const SampleRow<float>& given) {
  const SampleRow<float> row = given;
  // The next pixel's R is written too, and written again.
  const auto inside = [&](int k) {
    float* to = output(row, k);
    for (int i = k; i < k + kBlock; ++i, to += kChannels)
      hn::StoreU(one_pixel(row, i), Floats(), to);
  };
  const auto any = [&](int k, const auto& found) {
    if (!found(k)) return plain::bilinear_pixel(row, k);
    const auto pixel = one_pixel(row, k);
    hn::StoreU(hn::LowerHalf(pixel), Half(), output(row, k));
    output(row, k)[2] = hn::GetLane(hn::UpperHalf(Half(), pixel));
  };
  each_block<1>(row, inside, any);
}

// Four values are copied, of which the last is written again.
template <class T>
HWY_INLINE void nearest(const SampleRow<T>& given) {
  const SampleRow<T> row = given;
  const auto inside = [&](int k) {
    T* to = output(row, k);
    for (int i = k; i < k + kBlock; ++i, to += kChannels)
      std::memcpy(to, plain::pixel_at(row, row.x[i] >> kPositionBits, row.y[i] >> kPositionBits),
                  4 * sizeof(T));
  };
  each_block<1>(row, inside, [&](int k, const auto&) { plain::nearest_pixel(row, k); });
}

void nearest_u8(const SampleRow<std::uint8_t>& row) { nearest(row); }
void nearest_f32(const SampleRow<float>& row) { nearest(row); }

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(sample_u8);
HWY_EXPORT(sample_f32);
HWY_EXPORT(nearest_u8);
HWY_EXPORT(nearest_f32);

void sample_bilinear(const SampleRow<std::uint8_t>& row) { HWY_DYNAMIC_DISPATCH(sample_u8)(row); }
void sample_bilinear(const SampleRow<float>& row) { HWY_DYNAMIC_DISPATCH(sample_f32)(row); }
void sample_nearest(const SampleRow<std::uint8_t>& row) { HWY_DYNAMIC_DISPATCH(nearest_u8)(row); }
void sample_nearest(const SampleRow<float>& row) { HWY_DYNAMIC_DISPATCH(nearest_f32)(row); }

}  // namespace sluice::augment::simd
#endif
