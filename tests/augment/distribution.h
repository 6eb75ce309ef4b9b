// Whether draws have the distribution they are said to have. Seeds are fixed, so a test that passes
// once passes always; the bounds are those of one wrong alarm in a thousand.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/augment/images.h"

namespace sluice::test {

inline constexpr std::uint32_t kDraws = 20000;

// value(decision) of many draws of one operation, each of another sample.
template <class Operation, class Value>
auto drawn_values(const Operation& operation, Extent extent, Value value) {
  std::vector<decltype(value(typename Operation::Decision{}))> values;
  for (std::uint32_t sample = 0; sample < kDraws; ++sample) {
    Random random = some_random(sample);
    values.push_back(value(operation.draw(random, extent)));
  }
  return values;
}

// Kolmogorov and Smirnov: the largest distance between the drawn and the true distribution, times
// the root of the number of draws. `below(x)`: the share of values that should lie below x.
inline constexpr double kKolmogorovBound = 1.95;
template <class Below>
double kolmogorov(std::vector<double> values, Below below) {
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double share = below(values[i]);
    distance = std::max({distance, share - static_cast<double>(i) / count,
                         static_cast<double>(i + 1) / count - share});
  }
  return distance * std::sqrt(count);
}
inline double kolmogorov_uniform(const std::vector<double>& values, double from, double to) {
  return kolmogorov(values, [=](double x) { return (x - from) / (to - from); });
}

// Chi-square of whole numbers 0 to classes - 1, all equally likely, as deviations of the chi-square
// distribution above its mean.
inline constexpr double kChiSquareBound = 4;
template <class Whole>
double chi_square_even(const std::vector<Whole>& values, std::size_t classes) {
  std::vector<double> counted(classes, 0.0);
  for (const Whole value : values) counted.at(static_cast<std::size_t>(value)) += 1;
  const double expected = static_cast<double>(values.size()) / static_cast<double>(classes);
  double sum = 0;
  for (const double count : counted) sum += (count - expected) * (count - expected) / expected;
  const double freedom = static_cast<double>(classes) - 1;
  return (sum - freedom) / std::sqrt(2 * freedom);
}

}  // namespace sluice::test
