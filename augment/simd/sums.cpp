// Sums: a vector holds one channel. Squares are summed in 32 bits, and carried over before they can
// overflow. Extremes: three vectors hold the places of whole pixels, which are told apart at the
// end.
#include "augment/simd/sums.h"

#include <algorithm>

#include "augment/plain/sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors

ByteSums sums_of(const std::uint8_t* from, std::size_t pixels) { return plain::sums(from, pixels); }
ByteExtremes extremes_of(const std::uint8_t* from, std::size_t pixels) {
  return plain::extremes(from, pixels);
}

#else

using Bytes = hn::ScalableTag<std::uint8_t>;
using Longs = hn::ScalableTag<std::uint64_t>;
using Words = hn::ScalableTag<std::int32_t>;
using Halves = hn::ScalableTag<std::int16_t>;

// The squares of both halves of a vector of bytes, added up in pairs of lanes.
HWY_INLINE hn::Vec<Words> squares(hn::Vec<Bytes> bytes) {
  const auto zero = hn::Zero(Bytes());
  const auto lower = hn::BitCast(Halves(), hn::InterleaveLower(Bytes(), bytes, zero));
  const auto upper = hn::BitCast(Halves(), hn::InterleaveUpper(Bytes(), bytes, zero));
  auto unused = hn::Zero(Words());
  const auto first =
      hn::ReorderWidenMulAccumulate(Words(), lower, lower, hn::Zero(Words()), unused);
  const auto second = hn::ReorderWidenMulAccumulate(Words(), upper, upper, first, unused);
  return hn::Add(second, unused);
}

HWY_INLINE std::uint64_t total(hn::Vec<Longs> sums) {
  return hn::GetLane(hn::SumOfLanes(Longs(), sums));
}
// No lane is negative.
HWY_INLINE std::uint64_t total_of_words(hn::Vec<Words> sums) {
  const hn::ScalableTag<std::uint32_t> words;
  const auto bits = hn::BitCast(words, sums);
  const auto even = hn::And(hn::BitCast(Longs(), bits), hn::Set(Longs(), 0xFFFFFFFFU));
  return total(hn::Add(even, hn::ShiftRight<32>(hn::BitCast(Longs(), bits))));
}

ByteSums sums_of(const std::uint8_t* from, std::size_t pixels) {
  constexpr std::size_t kLanes = hn::MaxLanes(Bytes());
  // A step adds at most 4 x 255^2 to a lane of 2^31.
  constexpr std::size_t kSteps = 8192;
  ByteSums result;
  while (pixels >= kLanes) {
    const std::size_t steps = std::min(pixels / kLanes, kSteps);
    hn::Vec<Longs> values[3] = {hn::Zero(Longs()), hn::Zero(Longs()), hn::Zero(Longs())};
    hn::Vec<Words> squared[3] = {hn::Zero(Words()), hn::Zero(Words()), hn::Zero(Words())};
    for (std::size_t step = 0; step < steps; ++step, from += 3 * kLanes) {
      hn::Vec<Bytes> bytes[3];
      hn::LoadInterleaved3(Bytes(), from, bytes[0], bytes[1], bytes[2]);
      for (std::size_t c = 0; c < 3; ++c) {
        values[c] = hn::Add(values[c], hn::SumsOf8(bytes[c]));
        squared[c] = hn::Add(squared[c], squares(bytes[c]));
      }
    }
    for (std::size_t c = 0; c < 3; ++c) {
      result.values[c] += total(values[c]);
      result.squares[c] += total_of_words(squared[c]);
    }
    pixels -= steps * kLanes;
  }
  const ByteSums rest = plain::sums(from, pixels);
  for (std::size_t c = 0; c < 3; ++c) {
    result.values[c] += rest.values[c];
    result.squares[c] += rest.squares[c];
  }
  return result;
}

HWY_INLINE void add(ByteExtremes& found, const ByteExtremes& more) {
  for (std::size_t c = 0; c < 3; ++c) {
    found.lowest[c] = std::min(found.lowest[c], more.lowest[c]);
    found.highest[c] = std::max(found.highest[c], more.highest[c]);
  }
}

ByteExtremes extremes_of(const std::uint8_t* from, std::size_t pixels) {
  constexpr std::size_t kLanes = hn::MaxLanes(Bytes());
  if (pixels < kLanes) return plain::extremes(from, pixels);
  hn::Vec<Bytes> low[3], high[3];
  for (std::size_t p = 0; p < 3; ++p) low[p] = high[p] = hn::LoadU(Bytes(), from + p * kLanes);
  for (; pixels >= kLanes; pixels -= kLanes, from += 3 * kLanes) {
    for (std::size_t p = 0; p < 3; ++p) {
      const auto bytes = hn::LoadU(Bytes(), from + p * kLanes);
      low[p] = hn::Min(low[p], bytes);
      high[p] = hn::Max(high[p], bytes);
    }
  }
  HWY_ALIGN std::uint8_t ends[6 * kLanes];
  for (std::size_t p = 0; p < 3; ++p) {
    hn::Store(low[p], Bytes(), ends + p * kLanes);
    hn::Store(high[p], Bytes(), ends + (3 + p) * kLanes);
  }
  ByteExtremes found = plain::extremes(from, pixels);
  add(found, plain::extremes(ends, 2 * kLanes));
  return found;
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(sums_of);
HWY_EXPORT(extremes_of);

ByteSums sums(const std::uint8_t* from, std::size_t pixels) {
  return HWY_DYNAMIC_DISPATCH(sums_of)(from, pixels);
}
ByteExtremes extremes(const std::uint8_t* from, std::size_t pixels) {
  return HWY_DYNAMIC_DISPATCH(extremes_of)(from, pixels);
}

}  // namespace sluice::augment::simd
#endif
