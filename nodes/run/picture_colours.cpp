#include "nodes/run/picture_colours.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice::nodes {
namespace {

constexpr Rgb kWhite{247, 247, 247};
constexpr Rgb kBlue{5, 48, 97};
constexpr Rgb kRed{178, 24, 43};

double in_unit(double value) { return std::clamp(std::isnan(value) ? 0.0 : value, 0.0, 1.0); }

}  // namespace

double GreyScale::level(double value) const {
  return in_unit(white > black ? (value - black) / (white - black) : 0.5);
}

GreyScale scale_around_zero(std::span<const float> values) {
  double furthest = 0.0;
  for (const float value : values)
    if (std::isfinite(value)) furthest = std::max(furthest, static_cast<double>(std::abs(value)));
  return {.black = -furthest, .white = furthest};
}

GreyScale grey_scale(std::span<const float> values) {
  GreyScale scale = scale_around_zero(values);
  if (std::ranges::none_of(values, [](float value) { return value < 0.0F; })) scale.black = 0.0;
  return scale;
}

double quantile(std::span<const float> values, double part) {
  if (values.empty()) return 0.0;
  std::vector<float> sorted(values.begin(), values.end());
  const auto at = static_cast<std::ptrdiff_t>(
      std::lround(in_unit(part) * static_cast<double>(sorted.size() - 1)));
  std::ranges::nth_element(sorted, sorted.begin() + at);
  return static_cast<double>(sorted[static_cast<std::size_t>(at)]);
}

std::uint8_t byte_of(double level) {
  return static_cast<std::uint8_t>(std::lround(255.0 * in_unit(level)));
}

Rgb grey(double level) {
  const std::uint8_t byte = byte_of(level);
  return {byte, byte, byte};
}

Rgb heat(double level) {
  const double third = 3.0 * in_unit(level);
  return {byte_of(third), byte_of(third - 1.0), byte_of(third - 2.0)};
}

Rgb blue_to_red(double share) { return mixed(kWhite, share < 0.0 ? kBlue : kRed, std::abs(share)); }

Rgb mixed(const Rgb& under, const Rgb& over, double part) {
  const double of_over = in_unit(part);
  Rgb colour{};
  for (std::size_t c = 0; c < colour.size(); ++c)
    colour[c] =
        static_cast<std::uint8_t>(std::lround((1.0 - of_over) * under[c] + of_over * over[c]));
  return colour;
}

}  // namespace sluice::nodes
