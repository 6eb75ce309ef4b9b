#include "graph/histogram.h"

#include <cmath>
#include <numeric>

namespace sluice::graph {
namespace {

constexpr std::size_t kFine = std::size_t{1} << Histogram::kFineBits;

}  // namespace

double Histogram::middle(std::size_t bucket) {
  if (bucket < 2 * kFine) return static_cast<double>(bucket);
  const std::size_t shift = bucket / kFine - 1;
  const auto first = static_cast<double>(bucket - shift * kFine);
  return std::ldexp(first + 0.5, static_cast<int>(shift));
}

double Histogram::quantile(const Counts& counts, double part) {
  const std::uint64_t all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0) return 0.0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts[i];
    if (seen >= wanted && seen > 0) return middle(i);
  }
  return middle(kBuckets - 1);
}

}  // namespace sluice::graph
