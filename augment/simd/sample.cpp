// Bilinear u8: each sixteen bytes of a vector have one output pixel, in sixteen-bit lanes; what
// lies at the edge or outside is made somewhere inside too, and then again by the plain twin. f32:
// a pixel a vector. Blocks of pixels that all lie inside go without a look at each.
#include "augment/simd/sample.h"

#include <algorithm>
#include <cstring>
#include <limits>

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

using Sixteen = hn::FixedTag<std::uint8_t, 16>;
using Row = hn::FixedTag<std::uint8_t, 8>;  // two pixels, and two bytes behind them
using Bytes = hn::CappedTag<std::uint8_t, 64>;
using Lanes = hn::Repartition<std::int16_t, Bytes>;
using Ints = hn::CappedTag<std::int32_t, 16>;
constexpr std::size_t kTogether = hn::MaxLanes(Bytes()) / 16;  // pixels of a vector
using Floats = hn::FixedTag<float, 4>;                         // R, G, B and a neighbour's R
using Half = hn::FixedTag<float, 2>;

// Whether three pixels to the right and two down are there to be read, none of them doubled by an
// edge; the least and the last position for which they are.
struct Reach {
  std::int32_t least, last;

  bool none() const { return least > last; }
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
template <class T, class Inside, class Any>
HWY_INLINE void each_block(const SampleRow<T>& row, const Inside& inside, const Any& any) {
  const Reach across = reach(row.box.left, row.box.right(), 3);
  const Reach down = reach(row.box.top, row.box.bottom(), 2);
  const auto found = [&](int k) { return across.holds(row.x[k]) && down.holds(row.y[k]); };
  int k = 0;
  for (; k + kBlock < row.count; k += kBlock) {
    if (all_within(row.x + k, across) && all_within(row.y + k, down))
      inside(k);
    else
      for (int i = k; i < k + kBlock; ++i) any(i, found);
  }
  for (; k < row.count; ++k) any(k, found);
}

template <class T>
HWY_INLINE T* output(const SampleRow<T>& row, int k) {
  return row.to + static_cast<std::ptrdiff_t>(k) * kChannels;
}

// Where the pixels that cover positions lie, in values behind the first one of `box`.
HWY_INLINE hn::Vec<Ints> offsets_of(const Box& box, hn::Vec<Ints> x, hn::Vec<Ints> y) {
  const auto column = hn::Sub(hn::ShiftRight<kPositionBits>(x), hn::Set(Ints(), box.left));
  const auto line = hn::Sub(hn::ShiftRight<kPositionBits>(y), hn::Set(Ints(), box.top));
  return hn::Add(hn::Mul(line, hn::Set(Ints(), box.extent.width * kChannels)),
                 hn::Mul(column, hn::Set(Ints(), kChannels)));
}
// Whether all of them fit into 32 bits.
HWY_INLINE bool has_offsets(const Box& box) {
  return box.extent.pixels() <= std::numeric_limits<std::int32_t>::max() / kChannels;
}

// Of a block of pixels: the upper left one of each one's four, in bytes behind `from`, and the
// weights of the others.
struct Spots {
  alignas(64) std::int32_t offset[kBlock];
  alignas(64) std::int32_t across[kBlock];
  alignas(64) std::int32_t down[kBlock];
};

HWY_INLINE void find_spots(const SampleRow<std::uint8_t>& row, const std::int32_t* x,
                           const std::int32_t* y, Spots& spots) {
  const Ints ints;
  const auto half = hn::Set(ints, kPositionOne / 2), part = hn::Set(ints, kPositionOne - 1);
  for (std::size_t k = 0; k < kBlock; k += hn::MaxLanes(ints)) {
    const auto across = hn::Sub(hn::LoadU(ints, x + k), half);
    const auto down = hn::Sub(hn::LoadU(ints, y + k), half);
    hn::Store(offsets_of(row.box, across, down), ints, spots.offset + k);
    hn::Store(hn::And(across, part), ints, spots.across + k);
    hn::Store(hn::And(down, part), ints, spots.down + k);
  }
}

// Two pixels of the upper row, then two of the lower one, for each output pixel.
template <class D>
HWY_INLINE hn::Vec<D> corners(const SampleRow<std::uint8_t>& row, const std::int32_t* offsets) {
  if constexpr (hn::MaxLanes(D()) == 16) {
    const std::uint8_t* upper = row.from + *offsets;
    const std::uint8_t* under = upper + static_cast<std::ptrdiff_t>(row.box.extent.width) * 3;
    return hn::Combine(D(), hn::LoadU(Row(), under), hn::LoadU(Row(), upper));
  } else {
    const hn::Half<D> half;
    return hn::Combine(D(), corners<hn::Half<D> >(row, offsets + hn::MaxLanes(half) / 16),
                       corners<hn::Half<D> >(row, offsets));
  }
}

// A row of shuffles, the same ones for every sixteen bytes.
HWY_INLINE hn::Vec<Bytes> places(const std::uint8_t* sixteen) {
  return hn::LoadDup128(Bytes(), sixteen);
}

// The weights of the pixels from the `part`-th of four on, each one in all lanes of its sixteen
// bytes.
HWY_INLINE hn::Vec<Lanes> weights_of(const std::int32_t* four, std::size_t part) {
  alignas(64) static constexpr std::uint8_t kEach[64] = {
      0, 1, 0, 1, 0,  1,  0,  1,  0,  1,  0,  1,  0,  1,  0,  1,  4,  5,  4,  5, 4, 5,
      4, 5, 4, 5, 4,  5,  4,  5,  4,  5,  8,  9,  8,  9,  8,  9,  8,  9,  8,  9, 8, 9,
      8, 9, 8, 9, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13};
  const auto each = hn::Load(Bytes(), kEach + 16 * part);
  const hn::Repartition<std::int32_t, Bytes> ints;
  const auto weights = hn::BitCast(Bytes(), hn::LoadDup128(ints, four));
  return hn::BitCast(Lanes(), hn::TableLookupBytes(weights, each));
}

// kTogether pixels from `k` + `part` on, R G B and a byte of no meaning each. Mixed along x, in
// 1 / 128 grey levels, sixteen bytes hold R G B 0 of the upper row, then of the lower one.
HWY_INLINE auto some_pixels(const SampleRow<std::uint8_t>& row, const Spots& spots, std::size_t k,
                            std::size_t part) {
  alignas(16) static constexpr std::uint8_t kLeft[16] = {0, 128, 1, 128, 2,  128, 128, 128,
                                                         8, 128, 9, 128, 10, 128, 128, 128};
  alignas(16) static constexpr std::uint8_t kRight[16] = {3,  128, 4,  128, 5,  128, 128, 128,
                                                          11, 128, 12, 128, 13, 128, 128, 128};
  alignas(16) static constexpr std::uint8_t kLow[16] = {0, 2, 4, 6, 0, 0, 0, 0,
                                                        0, 0, 0, 0, 0, 0, 0, 0};
  const hn::Repartition<std::uint64_t, Bytes> halves;
  const auto pixels = corners<Bytes>(row, spots.offset + k + part);
  const auto left = hn::BitCast(Lanes(), hn::TableLookupBytesOr0(pixels, places(kLeft)));
  const auto right = hn::BitCast(Lanes(), hn::TableLookupBytesOr0(pixels, places(kRight)));
  const auto step = hn::ShiftLeft<7>(hn::Sub(right, left));
  const auto both = hn::Add(hn::ShiftLeft<7>(left),
                            hn::MulFixedPoint15(step, weights_of(spots.across + k, part)));
  const auto swapped = hn::BitCast(Lanes(), hn::Shuffle01(hn::BitCast(halves, both)));
  const auto sum =
      hn::Add(both, hn::MulFixedPoint15(hn::Sub(swapped, both), weights_of(spots.down + k, part)));
  const auto rounded = hn::ShiftRight<7>(hn::Add(sum, hn::Set(Lanes(), 64)));
  return hn::TableLookupBytes(hn::BitCast(Bytes(), rounded), places(kLow));
}

// The first four bytes of every sixteen.
HWY_INLINE auto first_bytes(hn::Vec<Bytes> bytes) {
  const hn::Repartition<std::uint32_t, Bytes> pixels;
  alignas(64) static constexpr std::int32_t kFirst[16] = {0, 4, 8, 12};
  const hn::Half<Bytes> half;
  const hn::Half<hn::Half<Bytes> > quarter;
  if constexpr (kTogether == 1) {
    return hn::LowerHalf(quarter, hn::LowerHalf(half, bytes));
  } else {
    const auto together =
        hn::TableLookupLanes(hn::BitCast(pixels, bytes), hn::SetTableIndices(pixels, kFirst));
    return hn::LowerHalf(quarter, hn::LowerHalf(half, hn::BitCast(Bytes(), together)));
  }
}

// Pixels k ... k + 3: R G B and a byte of no meaning each. (A template in `kOf`, so that only the
// branch that fits is compiled.)
template <std::size_t kOf = kTogether>
HWY_INLINE hn::Vec<Sixteen> four_pixels(const SampleRow<std::uint8_t>& row, const Spots& spots,
                                        std::size_t k) {
  const auto part = [&](std::size_t p) { return first_bytes(some_pixels(row, spots, k, p)); };
  if constexpr (kOf == 4) {
    return part(0);
  } else if constexpr (kOf == 2) {
    return hn::Combine(Sixteen(), part(2), part(0));
  } else {
    const hn::Half<Sixteen> half;
    return hn::Combine(Sixteen(), hn::Combine(half, part(3), part(2)),
                       hn::Combine(half, part(1), part(0)));
  }
}

// kBlock pixels and four more bytes of no meaning; all positions within reach.
HWY_INLINE void mix_block(const SampleRow<std::uint8_t>& row, const std::int32_t* x,
                          const std::int32_t* y, std::uint8_t* to) {
  alignas(16) static constexpr std::uint8_t kDense[16] = {0,  1,  2,  4,  5, 6, 8, 9,
                                                          10, 12, 13, 14, 3, 3, 3, 3};
  Spots spots;
  find_spots(row, x, y, spots);
  const auto dense = hn::Load(Sixteen(), kDense);
  for (std::size_t k = 0; k < kBlock; k += 4, to += 12)
    hn::StoreU(hn::TableLookupBytes(four_pixels(row, spots, k), dense), Sixteen(), to);
}

// Positions of a block, and which of them (a bit each) are of pixels that the four around are not
// all there for: `missing`, of which some may still lie `inside` the image.
struct SomeSpots {
  alignas(64) std::int32_t x[kBlock];
  alignas(64) std::int32_t y[kBlock];
  std::uint32_t missing = 0;
  std::uint32_t inside = 0;
};

HWY_INLINE std::uint32_t bits_of(hn::Mask<Ints> mask) {
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(Ints(), mask, bytes);
  return bytes[0] | std::uint32_t{bytes[1]} << 8;
}

HWY_INLINE auto within(hn::Vec<Ints> position, int length) {
  const auto end = std::int32_t{std::min(length, kLargestSide)} << kPositionBits;
  return hn::And(hn::Gt(position, hn::Set(Ints(), -1)), hn::Lt(position, hn::Set(Ints(), end)));
}

// Missing ones are moved to within reach.
HWY_INLINE void move_within(const SampleRow<std::uint8_t>& row, Reach across, Reach down,
                            SomeSpots& spots) {
  const Ints ints;
  const auto moved = [&](hn::Vec<Ints> position, Reach reach) {
    return hn::Max(hn::Min(position, hn::Set(ints, reach.last)), hn::Set(ints, reach.least));
  };
  for (std::size_t k = 0; k < kBlock; k += hn::MaxLanes(ints)) {
    const auto x = hn::Load(ints, spots.x + k), y = hn::Load(ints, spots.y + k);
    const auto near_x = moved(x, across), near_y = moved(y, down);
    const auto inside = hn::And(within(x, row.whole.width), within(y, row.whole.height));
    const auto missing = hn::Or(hn::Ne(x, near_x), hn::Ne(y, near_y));
    spots.inside |= bits_of(inside) << k;
    spots.missing |= bits_of(missing) << k;
    hn::Store(near_x, ints, spots.x + k);
    hn::Store(near_y, ints, spots.y + k);
  }
}

HWY_INLINE void fill_block(const SampleRow<std::uint8_t>& row, std::uint8_t* to) {
  std::ranges::copy(row.fill, to);
  for (int bytes = kChannels; bytes < kBlock * kChannels; bytes *= 2)
    std::copy_n(to, bytes, to + bytes);
}

// A block of which some pixels may be missing: they are taken from within reach, and then again by
// the plain twin. The end of a row is filled up with its last pixel.
HWY_INLINE void mix_some(const SampleRow<std::uint8_t>& row, int k, Reach across, Reach down) {
  const int count = std::min(kBlock, row.count - k);
  SomeSpots spots;
  std::fill(std::copy_n(row.x + k, count, spots.x), std::end(spots.x), row.x[k + count - 1]);
  std::fill(std::copy_n(row.y + k, count, spots.y), std::end(spots.y), row.y[k + count - 1]);
  move_within(row, across, down, spots);
  std::uint8_t made[kBlock * kChannels + 4];
  if (spots.inside == 0)
    fill_block(row, made);
  else
    mix_block(row, spots.x, spots.y, made);
  std::copy_n(made, count * kChannels, output(row, k));
  if (spots.inside == 0) return;
  for (int i = 0; i < count; ++i)
    if ((spots.missing >> i & 1) != 0) plain::bilinear_pixel(row, k + i);
}

// Of all three loops: `row` is a copy, which stores to the output cannot change.
void sample_u8(const SampleRow<std::uint8_t>& given) {
  const SampleRow<std::uint8_t> row = given;
  const Reach across = reach(row.box.left, row.box.right(), 3);
  const Reach down = reach(row.box.top, row.box.bottom(), 2);
  if (across.none() || down.none() || !has_offsets(row.box)) return plain::sample_bilinear(row);
  for (int k = 0; k < row.count; k += kBlock) {
    const bool more = k + kBlock + 2 <= row.count;
    if (more && all_within(row.x + k, across) && all_within(row.y + k, down))
      mix_block(row, row.x + k, row.y + k, output(row, k));
    else
      mix_some(row, k, across, down);
  }
}

HWY_INLINE hn::Vec<Floats> mixed(hn::Vec<Floats> a, hn::Vec<Floats> b, hn::Vec<Floats> weight) {
  return hn::Add(a, hn::Mul(hn::Sub(b, a), weight));
}

HWY_INLINE hn::Vec<Floats> weight_of(std::int32_t weight) {
  return hn::Set(Floats(), static_cast<float>(weight) * (1.0F / kPositionOne));
}

HWY_INLINE hn::Vec<Floats> one_pixel(const SampleRow<float>& row, int k) {
  const Floats floats;
  const std::int32_t x = row.x[k] - kPositionOne / 2, y = row.y[k] - kPositionOne / 2;
  const float* above = plain::pixel_at(row, x >> kPositionBits, y >> kPositionBits);
  const float* below = above + static_cast<std::ptrdiff_t>(row.box.extent.width) * kChannels;
  const auto across = weight_of(x & (kPositionOne - 1));
  const auto upper = mixed(hn::LoadU(floats, above), hn::LoadU(floats, above + 3), across);
  const auto under = mixed(hn::LoadU(floats, below), hn::LoadU(floats, below + 3), across);
  return mixed(upper, under, weight_of(y & (kPositionOne - 1)));
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
  each_block(row, inside, any);
}

// Four values are copied, of which the last is written again.
template <class T>
HWY_INLINE void nearest(const SampleRow<T>& given) {
  const SampleRow<T> row = given;
  if (!has_offsets(row.box)) return plain::sample_nearest(row);
  const auto inside = [&](int k) {
    alignas(64) std::int32_t offsets[kBlock];
    for (std::size_t i = 0; i < kBlock; i += hn::MaxLanes(Ints()))
      hn::Store(
          offsets_of(row.box, hn::LoadU(Ints(), row.x + k + i), hn::LoadU(Ints(), row.y + k + i)),
          Ints(), offsets + i);
    T* to = output(row, k);
    for (int i = 0; i < kBlock; ++i, to += kChannels)
      std::memcpy(to, row.from + offsets[i], 4 * sizeof(T));
  };
  each_block(row, inside, [&](int k, const auto&) { plain::nearest_pixel(row, k); });
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
