#include "io/report/axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::io::report {
namespace {

std::vector<double> multiples(Range range, double step) {
  std::vector<double> ticks;
  const double slack = step * 1e-6;
  for (double k = std::ceil((range.low - slack) / step); k * step <= range.high + slack; k += 1.0)
    ticks.push_back(k * step + 0.0);  // no -0
  return ticks;
}

// The least of 1, 2, 5 times a power of ten that is not below.
double round_above(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10.0 * power;
}

double least_step(Range range, int most) { return (range.high - range.low) / most; }

}  // namespace

std::vector<double> round_ticks(Range range, int most) {
  const double least = least_step(range, most);
  if (!(least > 0.0) || !std::isfinite(least)) return {range.low};
  return multiples(range, round_above(least));
}

std::vector<double> time_ticks(Range range, int most) {
  constexpr std::array<double, 12> kSteps{10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200};
  const double least = least_step(range, most);
  if (!(least > 10.0)) return round_ticks(range, most);
  for (const double step : kSteps)
    if (step >= least) return multiples(range, step);
  return multiples(range, 3600 * round_above(least / 3600));
}

std::vector<double> log_ticks(Range range) {
  const auto within = [&](double value) {
    return value >= range.low * (1 - 1e-9) && value <= range.high * (1 + 1e-9);
  };
  std::vector<double> tens;
  std::vector<double> all;
  for (double power = std::floor(std::log10(range.low)); power <= std::log10(range.high); ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10.0, power);
      if (!within(value)) continue;
      all.push_back(value);
      if (factor == 1.0) tens.push_back(value);
    }
  }
  return tens.size() >= 3 ? tens : all;
}

Range rounded_up(Range range) {
  const std::vector<double> ticks = round_ticks(range, 4);
  if (ticks.size() < 2) return range;
  const double step = ticks[1] - ticks[0];
  const double high = step * std::ceil(range.high / step - 1e-9);
  return {range.low, std::max(high, range.high)};
}

}  // namespace sluice::io::report
