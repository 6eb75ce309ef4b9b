// Lanes are Philox blocks, which give neighbouring words (random_words.h), and so neighbouring
// values. Where an image ends within a group, the group is made whole beside it.
#include "augment/simd/noise.h"

#include <algorithm>
#include <array>

#include "augment/normal.h"
#include "augment/plain/noise.h"
#include "augment/random_words.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

void fill_words(std::uint64_t seed, std::size_t first, std::span<std::uint32_t> words) {
  plain::random_words(seed, first, words);
}
template <class T>
void add_any(const PixelLoop<T, T>& loop, float sigma, std::uint64_t seed) {
  plain::add_noise(loop, sigma, seed);
}

#else

using Words = hn::CappedTag<std::uint32_t, kBlocksAGroup>;
using Longs = hn::Repartition<std::uint64_t, Words>;
using Values = hn::Rebind<float, Words>;
using Word = hn::Vec<Words>;
using Value = hn::Vec<Values>;
constexpr std::size_t kLanes = hn::MaxLanes(Words());

// The two halves of the 64-bit products of all lanes.
struct Product {
  Word high, low;
};
HWY_INLINE Product product(Word a, std::uint32_t by) {
  const Word factor = hn::Set(Words(), by);
  const auto even = hn::MulEven(a, factor);
  const Word odd_lanes = hn::BitCast(Words(), hn::ShiftRight<32>(hn::BitCast(Longs(), a)));
  const auto odd = hn::MulEven(odd_lanes, factor);
  return {hn::OddEven(hn::BitCast(Words(), odd), hn::BitCast(Words(), hn::ShiftRight<32>(even))),
          hn::OddEven(hn::BitCast(Words(), hn::ShiftLeft<32>(odd)), hn::BitCast(Words(), even))};
}

// runtime/random.h's `philox` of kLanes neighbouring blocks.
struct Blocks {
  Word words[4];
};
HWY_INLINE Blocks philox_blocks(const RandomKey& key, std::uint32_t first) {
  Blocks counter{{hn::Iota(Words(), first), hn::Set(Words(), key.sample),
                  hn::Set(Words(), key.epoch), hn::Set(Words(), key.stream)}};
  auto low = static_cast<std::uint32_t>(key.seed);
  auto high = static_cast<std::uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      low += 0x9E3779B9U;
      high += 0xBB67AE85U;
    }
    const Product p0 = product(counter.words[0], 0xD2511F53U);
    const Product p1 = product(counter.words[2], 0xCD9E8D57U);
    counter = {{hn::Xor(hn::Xor(p1.high, counter.words[1]), hn::Set(Words(), low)), p1.low,
                hn::Xor(hn::Xor(p0.high, counter.words[3]), hn::Set(Words(), high)), p0.low}};
  }
  return counter;
}

void fill_words(std::uint64_t seed, std::size_t first, std::span<std::uint32_t> words) {
  const RandomKey key = pixel_key(seed);
  auto block = static_cast<std::uint32_t>(first * kBlocksAGroup);
  for (std::size_t group = 0; group < words.size(); group += kWordsAGroup)
    for (std::size_t lane = 0; lane < kBlocksAGroup; lane += kLanes) {
      const Blocks blocks = philox_blocks(key, block);
      for (std::size_t k = 0; k < 4; ++k)
        hn::StoreU(blocks.words[k], Words(), &words[group + k * kBlocksAGroup + lane]);
      block += static_cast<std::uint32_t>(kLanes);
    }
}

HWY_INLINE Value number(float value) { return hn::Set(Values(), value); }

template <std::size_t kCount>
HWY_INLINE Value series_of(const std::array<float, kCount>& factors, Value x) {
  Value sum = number(factors[0]);
  for (std::size_t i = 1; i < kCount; ++i) sum = hn::Add(hn::Mul(sum, x), number(factors[i]));
  return sum;
}

HWY_INLINE Value to_float(Word word) {  // below 2^31
  return hn::ConvertTo(Values(), hn::BitCast(hn::Rebind<std::int32_t, Values>(), word));
}

// normal.h's `two_normals`.
struct Two {
  Value first, second;
};
HWY_INLINE Two two_of(Word length, Word angle) {
  const hn::Rebind<std::int32_t, Values> whole;
  const Value u =
      hn::Mul(to_float(hn::Add(hn::ShiftRight<8>(length), hn::Set(Words(), 1))), number(0x1p-24F));
  const auto bits = hn::BitCast(whole, u);
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(whole, kLeastMantissa)));
  const Value mantissa = hn::BitCast(Values(), hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const Value s = hn::Div(hn::Sub(mantissa, number(1)), hn::Add(mantissa, number(1)));
  const Value log = hn::Add(hn::Mul(hn::ConvertTo(Values(), exponent), number(kLogOf2)),
                            hn::Mul(series_of(kLogSeries, hn::Mul(s, s)), s));
  const Value radius = hn::Sqrt(hn::Max(hn::Mul(number(-2), log), number(0)));
  const Value x =
      hn::Sub(hn::Mul(to_float(hn::ShiftRight<8>(angle)), number(0x1p-24F)), number(0.5F));
  const Value square = hn::Mul(x, x);
  const Value sine = hn::Mul(series_of(kSineSeries, square), x);
  const Value cosine = series_of(kCosineSeries, square);
  const Value twice = hn::Mul(number(2), hn::Mul(sine, sine));
  return {hn::Mul(radius, hn::Sub(number(1), twice)),
          hn::Mul(radius, hn::Mul(number(2), hn::Mul(sine, cosine)))};
}

HWY_INLINE Value load(const float* from) { return hn::LoadU(Values(), from); }
HWY_INLINE Value load(const std::uint8_t* from) {
  const hn::Rebind<std::uint8_t, Values> bytes;
  return hn::ConvertTo(Values(),
                       hn::PromoteTo(hn::Rebind<std::int32_t, Values>(), hn::LoadU(bytes, from)));
}
HWY_INLINE void store(Value value, float* to) { hn::StoreU(value, Values(), to); }
HWY_INLINE void store(Value value, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, Values> bytes;
  hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(value)), bytes, to);
}

// kWordsAGroup values with the numbers of group `group`.
template <class T>
HWY_INLINE void add_group(const T* from, Value sigma, const RandomKey& key, std::size_t group,
                          T* to) {
  const auto add = [&](std::size_t i, Value noise) {
    store(hn::Add(load(from + i), hn::Mul(sigma, noise)), to + i);
  };
  for (std::size_t lane = 0; lane < kBlocksAGroup; lane += kLanes) {
    const std::size_t block = group * kBlocksAGroup + lane;
    const Blocks blocks = philox_blocks(key, static_cast<std::uint32_t>(block));
    const Two first = two_of(blocks.words[0], blocks.words[1]);
    const Two second = two_of(blocks.words[2], blocks.words[3]);
    add(lane, first.first);
    add(lane + kBlocksAGroup, first.second);
    add(lane + 2 * kBlocksAGroup, second.first);
    add(lane + 3 * kBlocksAGroup, second.second);
  }
}

template <class T>
void add_any(const PixelLoop<T, T>& loop, float sigma, std::uint64_t seed) {
  const RandomKey key = pixel_key(seed);
  const Value by = hn::Set(Values(), sigma);
  const std::size_t values = loop.pixels * 3;
  const std::size_t groups = values / kWordsAGroup;
  for (std::size_t group = 0; group < groups; ++group)
    add_group(loop.from + group * kWordsAGroup, by, key, group, loop.to + group * kWordsAGroup);
  const std::size_t done = groups * kWordsAGroup;
  if (done == values) return;
  std::array<T, kWordsAGroup> rest{};
  std::copy(loop.from + done, loop.from + values, rest.begin());
  add_group(rest.data(), by, key, groups, rest.data());
  std::copy_n(rest.begin(), values - done, loop.to + done);
}

#endif

void noise_on_bytes(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sigma,
                    std::uint64_t seed) {
  add_any(loop, sigma, seed);
}
void noise_on_floats(const PixelLoop<float, float>& loop, float sigma, std::uint64_t seed) {
  add_any(loop, sigma, seed);
}

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(fill_words);
HWY_EXPORT(noise_on_bytes);
HWY_EXPORT(noise_on_floats);

void random_words(std::uint64_t seed, std::size_t first, std::span<std::uint32_t> words) {
  HWY_DYNAMIC_DISPATCH(fill_words)(seed, first, words);
}
void add_noise(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sigma, std::uint64_t seed) {
  HWY_DYNAMIC_DISPATCH(noise_on_bytes)(loop, sigma, seed);
}
void add_noise(const PixelLoop<float, float>& loop, float sigma, std::uint64_t seed) {
  HWY_DYNAMIC_DISPATCH(noise_on_floats)(loop, sigma, seed);
}

}  // namespace sluice::augment::simd
#endif
