// Values as colours. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace sluice::nodes {

using Rgb = std::array<std::uint8_t, 3>;

// Which values are black and white; between them greys in a straight line, beyond them no more.
struct GreyScale {
  double black = 0.0;
  double white = 1.0;

  // From 0 to 1; of what is no number 0.
  double level(double value) const;
};

// Of values that are never negative: 0 is black, the largest white. Else the middle grey is 0 and
// what is furthest from it black or white. Values that are no numbers are passed over.
GreyScale grey_scale(std::span<const float> values);
// The second of them, whatever the values are.
GreyScale scale_around_zero(std::span<const float> values);

// The value below which a part of all values lies, from 0 to 1; 0 of none.
double quantile(std::span<const float> values, double part);

std::uint8_t byte_of(double level);  // 0 to 1
Rgb grey(double level);

// 0: black, by red and yellow, 1: white.
Rgb heat(double level);

// -1: blue, 0: white, 1: red.
Rgb blue_to_red(double share);

// `part` of `over`, from 0 to 1, and the rest of `under`.
Rgb mixed(const Rgb& under, const Rgb& over, double part);

}  // namespace sluice::nodes
