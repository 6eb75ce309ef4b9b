// Random numbers for every pixel, from the 64 bits that a decision carries.
//
// Philox4x32-10 (runtime/random.h) keyed by those bits, its stream "augment/pixels". Words come in
// groups of 64, made of 16 blocks: word 16 k + l of group g is word k of block 16 g + l, so that
// vectors of up to 16 lanes make neighbouring words.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/random.h"

namespace sluice::augment {

inline constexpr std::size_t kBlocksAGroup = 16;
inline constexpr std::size_t kWordsAGroup = 4 * kBlocksAGroup;

constexpr RandomKey pixel_key(std::uint64_t seed) {
  return {.seed = seed, .stream = stream_id("augment/pixels")};
}

constexpr std::uint32_t random_word(std::uint64_t seed, std::size_t index) {
  const std::size_t group = index / kWordsAGroup, word = index % kWordsAGroup;
  const std::size_t block = group * kBlocksAGroup + word % kBlocksAGroup;
  return philox_block(pixel_key(seed), static_cast<std::uint32_t>(block))[word / kBlocksAGroup];
}

}  // namespace sluice::augment
