#include "nodes/run/shape_outline.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace sluice::nodes {
namespace {

constexpr double kPi = std::numbers::pi;
using Radius = std::function<double(double)>;  // of a direction in radians; about 1

Radius ellipse(Random& random) {
  const double stretch = 0.8 + 0.45 * random.uniform();
  return
      [stretch](double t) { return 1 / std::hypot(std::cos(t) / stretch, std::sin(t) * stretch); };
}

// Four to seven sides, a quarter of the way to the circle.
Radius rounded_polygon(Random& random) {
  const double sector = 2 * kPi / (4 + static_cast<double>(random.below(4)));
  return [sector](double t) {
    const double from_middle = t - sector * std::floor(t / sector) - sector / 2;
    return 0.25 + 0.75 * 0.93 / std::cos(from_middle);
  };
}

Radius blob(Random& random) {
  std::array<double, 3> size{}, turn{};
  for (std::size_t k = 0; k < size.size(); ++k) {
    size[k] = 0.12 * random.uniform();
    turn[k] = 2 * kPi * random.uniform();
  }
  return [size, turn](double t) {
    double radius = 1;
    for (std::size_t k = 0; k < size.size(); ++k) {
      radius += size[k] * std::cos(static_cast<double>(k + 2) * t + turn[k]);
    }
    return radius;
  };
}

}  // namespace

Outline::Outline(double radius, Random& random) {
  const std::array makers = {ellipse, rounded_polygon, blob};
  const Radius shape = makers[random.below(makers.size())](random);
  const double turn = 2 * kPi * random.uniform();
  for (std::size_t i = 0; i < kDirections; ++i) {
    radii_[i] = radius * shape(turn + 2 * kPi * static_cast<double>(i) / kDirections);
  }
  radii_[kDirections] = radii_[0];
}

double Outline::coverage(double x, double y) const {
  const double turns = std::atan2(y, x) / (2 * kPi) + 0.5;  // [0, 1]
  const double place = turns * kDirections;
  const std::size_t i = std::min(static_cast<std::size_t>(place), kDirections - 1);
  const double radius = radii_[i] + (radii_[i + 1] - radii_[i]) * (place - static_cast<double>(i));
  return std::clamp(radius - std::hypot(x, y) + 0.5, 0.0, 1.0);
}

}  // namespace sluice::nodes
