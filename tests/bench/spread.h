// Medians and their spread over the rounds of a benchmark.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::bench {

struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;

  // "1.234 (1.200..1.300)"
  std::string text(int decimals) const {
    return fmt::format("{:.{}f} ({:.{}f}..{:.{}f})", median, decimals, min, decimals, max,
                       decimals);
  }
};

// `values`: one a round, at least one.
inline Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

// Of each round's own ratio.
inline Spread spread_of_ratios(const std::vector<double>& above, const std::vector<double>& below) {
  std::vector<double> values;
  for (std::size_t i = 0; i < above.size(); ++i) values.push_back(above[i] / below[i]);
  return spread(std::move(values));
}

}  // namespace sluice::bench
