#include "augment/shear.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

namespace sluice::augment {

std::string Shear::Decision::text() const {
  return fmt::format("shear by {:.2f},{:.2f} degrees", x, y);
}

void Shear::check() const {
  check_range("shear: x", x, {-80, 80});
  check_range("shear: y", y, {-80, 80});
  check_canvas("shear", canvas);
}

Shear::Decision Shear::draw(Random& random, Extent) const {
  const double across = x.uniform(random);
  return {across, y.uniform(random)};
}

PlaneMap Shear::map(const Decision& decision, Extent before) const {
  const double across = std::tan(decision.x * std::numbers::pi / 180);
  const double down = std::tan(decision.y * std::numbers::pi / 180);
  return about_centre({.xx = 1 + across * down, .xy = across, .yx = down, .yy = 1}, before);
}

}  // namespace sluice::augment
