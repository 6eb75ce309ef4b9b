// Lanes are blocks of the generator: each word of a block lies in the low half of a 64-bit lane, so
// that a product's halves are a mask and a shift.
#include "augment/simd/displacements.h"

#include <algorithm>
#include <array>

#include "augment/plain/displacements.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/displacements.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

void displacements_row(std::uint64_t seed, int y, std::span<float> across, std::span<float> down) {
  plain::displacements(seed, y, across, down);
}

#else

using Wide = hn::CappedTag<std::uint64_t, 8>;
using Words = hn::Repartition<std::uint32_t, Wide>;
using Word = hn::Vec<Wide>;
constexpr std::size_t kBlocks = hn::MaxLanes(Wide());

HWY_INLINE Word product(Word a, std::uint32_t factor) {
  return hn::MulEven(hn::BitCast(Words(), a),
                     hn::BitCast(Words(), hn::Set(Wide(), std::uint64_t{factor})));
}

// As philox() of runtime/random.h.
HWY_INLINE void rounds(std::array<Word, 4>& words, PhiloxKey key) {
  const Word low = hn::Set(Wide(), 0xFFFFFFFFU);
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      key[0] += 0x9E3779B9U;
      key[1] += 0xBB67AE85U;
    }
    const Word first = product(words[0], 0xD2511F53U), second = product(words[2], 0xCD9E8D57U);
    const Word key0 = hn::Set(Wide(), std::uint64_t{key[0]});
    const Word key1 = hn::Set(Wide(), std::uint64_t{key[1]});
    words = {hn::Xor(hn::Xor(hn::ShiftRight<32>(second), words[1]), key0), hn::And(second, low),
             hn::Xor(hn::Xor(hn::ShiftRight<32>(first), words[3]), key1), hn::And(first, low)};
  }
}

void displacements_row(std::uint64_t seed, int y, std::span<float> across, std::span<float> down) {
  const PhiloxKey key = plain::displacement_key(seed);
  HWY_ALIGN std::array<std::array<std::uint64_t, kBlocks>, 4> made;
  for (std::size_t x = 0; x < across.size(); x += 4 * kBlocks) {
    std::array<Word, 4> words = {hn::Iota(Wide(), x / 4),
                                 hn::Set(Wide(), std::uint64_t{static_cast<std::uint32_t>(y)}),
                                 hn::Zero(Wide()), hn::Zero(Wide())};
    rounds(words, key);
    for (std::size_t i = 0; i < 4; ++i) hn::StoreU(words[i], Wide(), made[i].data());
    const std::size_t count = std::min(4 * kBlocks, across.size() - x);
    for (std::size_t k = 0; k < count; ++k) {
      const auto word = static_cast<std::uint32_t>(made[k % 4][k / 4]);
      across[x + k] = plain::displacement(word & 0xFFFFU);
      down[x + k] = plain::displacement(word >> 16);
    }
  }
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(displacements_row);

void displacements(std::uint64_t seed, int y, std::span<float> across, std::span<float> down) {
  HWY_DYNAMIC_DISPATCH(displacements_row)(seed, y, across, down);
}

}  // namespace sluice::augment::simd
#endif
