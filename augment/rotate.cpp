#include "augment/rotate.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

namespace sluice::augment {

std::string Rotate::Decision::text() const {
  return fmt::format("rotate by {:.2f} degrees", degrees);
}

void Rotate::check() const {
  check_range("rotate: degrees", degrees, {-360, 360});
  check_canvas("rotate", canvas);
}

Rotate::Decision Rotate::draw(Random& random, Extent) const { return {degrees.uniform(random)}; }

PlaneMap Rotate::map(const Decision& decision, Extent before) const {
  const double angle = decision.degrees * std::numbers::pi / 180;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  return about_centre({.xx = cosine, .xy = -sine, .yx = sine, .yy = cosine}, before);
}

}  // namespace sluice::augment
