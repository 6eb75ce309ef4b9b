// Durations in buckets whose width is a sixteenth of their power of two: any quantile within 3 %.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sluice::graph {

// Any thread may add, with one addition to memory that usually only this thread touches.
class Histogram {
 public:
  static constexpr int kFineBits = 4;
  static constexpr int kLargestBits = 44;  // 2^44 ns are almost five hours; longer counts as that
  static constexpr std::size_t kBuckets = (kLargestBits - kFineBits + 1) << kFineBits;
  using Counts = std::array<std::uint64_t, kBuckets>;

  void add(std::int64_t ns) { counts_[bucket(ns)].fetch_add(1, std::memory_order_relaxed); }
  void add_to(Counts& sum) const {
    for (std::size_t i = 0; i < kBuckets; ++i) sum[i] += counts_[i].load(std::memory_order_relaxed);
  }

  // Below 32 every value has its bucket; above, the leading five bits name it.
  static std::size_t bucket(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(ns < 0 ? 0 : ns);
    constexpr std::uint64_t kMost = (std::uint64_t{1} << kLargestBits) - 1;
    const std::uint64_t kept = value < kMost ? value : kMost;
    const auto bits = static_cast<int>(std::bit_width(kept));
    const int shift = bits > kFineBits + 1 ? bits - kFineBits - 1 : 0;
    return (static_cast<std::size_t>(shift) << kFineBits) + static_cast<std::size_t>(kept >> shift);
  }
  // The middle of a bucket, in nanoseconds.
  static double middle(std::size_t bucket);
  // The duration below which `part` (0 to 1) of all counted ones lie; 0 where none is counted.
  static double quantile(const Counts& counts, double part);

 private:
  std::array<std::atomic<std::uint32_t>, kBuckets> counts_{};
};

}  // namespace sluice::graph
