#include "augment/stretch.h"

#include <fmt/core.h>

namespace sluice::augment {

std::string Stretch::Decision::text() const {
  return fmt::format("stretch by {:.3f},{:.3f}", x, y);
}

void Stretch::check() const {
  check_range("stretch: x", x, {0.05, 20});
  check_range("stretch: y", y, {0.05, 20});
  check_canvas("stretch", canvas);
}

Stretch::Decision Stretch::draw(Random& random, Extent) const {
  const double across = x.log_uniform(random);
  return {across, y.log_uniform(random)};
}

PlaneMap Stretch::map(const Decision& decision, Extent before) const {
  return about_centre({.xx = 1 / decision.x, .yy = 1 / decision.y}, before);
}

}  // namespace sluice::augment
