// Silhouettes of the `shapes` data set: star-shaped about their centre, so that a distance for
// every direction is all there is to them.
#pragma once

#include <array>

#include "runtime/random.h"

namespace sluice::nodes {

// An immutable value; any thread.
class Outline {
 public:
  // An ellipse, a rounded polygon or a blob of about `radius` pixels, turned at random.
  Outline(double radius, Random& random);

  // 0 outside to 1 inside, with an edge a pixel wide. `x`, `y`: pixels from the centre.
  double coverage(double x, double y) const;

 private:
  static constexpr std::size_t kDirections = 256;
  std::array<double, kDirections + 1> radii_;  // pixels; the last repeats the first
};

}  // namespace sluice::nodes
