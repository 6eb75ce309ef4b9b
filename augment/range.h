// The two ends of what a draw may give.
#pragma once

#include <cmath>

#include "runtime/error.h"
#include "runtime/random.h"

namespace sluice::augment {

// Equal ends: always that value. Each draw takes one random value whatever the ends are.
struct Range {
  double low = 0;
  double high = 0;

  double at(double part) const { return low + (high - low) * part; }
  double uniform(Random& random) const { return at(random.uniform()); }
  // The logarithm is uniform; both ends above 0.
  double log_uniform(Random& random) const {
    return std::exp(Range{std::log(low), std::log(high)}.uniform(random));
  }
  friend bool operator==(const Range&, const Range&) = default;
};

// Throws Error{usage} unless least <= low <= high <= most. `name`: "rotate: degrees".
inline void check_range(const char* name, const Range& range, const Range& valid) {
  require(range.low >= valid.low && range.low <= range.high && range.high <= valid.high,
          "{} is {} to {}, it must lie between {} and {}, the smaller one first", name, range.low,
          range.high, valid.low, valid.high);
}

}  // namespace sluice::augment
