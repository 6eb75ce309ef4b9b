// Random numbers as a function of who asks (law 4): Philox4x32-10 (Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011), keyed by the run's seed, counted by the asker.
//
// The layout of key and counter is a file format: tests/runtime/random_test.cpp freezes it, and
// changing it changes every run.
//
//   key[0], key[1]   seed, low and high 32 bits
//   counter[0]       index of the draw (each draw takes one whole block of four words);
//                    for dropout: unit / 4, the unit takes word unit % 4
//   counter[1]       sample's number in its data set (order of relative paths' bytes), or the row
//   of
//                    the whole step (dropout), or position / group (draws shared by a group)
//   counter[2]       epoch, or step (dropout)
//   counter[3]       FNV-1a of the stream's name: "augment/NODE", "dropout/LAYER", "order",
//                    "start/LAYER", ...
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

// One block: ten rounds.
constexpr PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      key[0] += 0x9E3779B9U;
      key[1] += 0xBB67AE85U;
    }
    const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {
        static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
        static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
  }
  return counter;
}

// 32-bit FNV-1a.
constexpr std::uint32_t stream_id(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 16777619U;
  }
  return hash;
}

// Who asks. `stream` comes from `stream_id`.
struct RandomKey {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;   // or step
  std::uint32_t sample = 0;  // or row, or position / group
  std::uint32_t stream = 0;
};

constexpr PhiloxCounter philox_block(const RandomKey& key, std::uint32_t index) {
  return philox({index, key.sample, key.epoch, key.stream},
                {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)});
}

// The upper 64 bits of a * b.
constexpr std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a_low = a & 0xFFFFFFFFU, a_high = a >> 32;
  const std::uint64_t b_low = b & 0xFFFFFFFFU, b_high = b >> 32;
  const std::uint64_t middle = a_high * b_low + ((a_low * b_low) >> 32);
  return a_high * b_high + (middle >> 32) + (((middle & 0xFFFFFFFFU) + a_low * b_high) >> 32);
}

// The draws of one asker, one after the other. A value; cheap to make; not shared between threads.
class Random {
 public:
  explicit Random(const RandomKey& key) : key_(key) {}
  // Begins at draw `index`: what `index` draws from the start would come to.
  Random(const RandomKey& key, std::uint32_t index) : key_(key), index_(index) {}

  // 64 random bits.
  std::uint64_t bits() {
    const PhiloxCounter block = philox_block(key_, index_++);
    return (static_cast<std::uint64_t>(block[1]) << 32) | block[0];
  }
  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  // Uniform in {0, ..., count - 1}; count > 0. Multiply-shift: the bias is below count / 2^64.
  std::uint64_t below(std::uint64_t count) { return high_product(bits(), count); }
  // Normal with mean 0 and deviation 1 (Box and Muller, the cosine branch); one draw.
  double normal();
  // Who asks: a draw may depend on the epoch.
  const RandomKey& key() const { return key_; }

 private:
  RandomKey key_;
  std::uint32_t index_ = 0;
};

}  // namespace sluice
