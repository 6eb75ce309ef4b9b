#include "augment/lens.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace sluice::augment {

std::string Lens::Decision::text() const {
  return fmt::format("lens k1 {:.3f}, k2 {:.3f}", k1, k2);
}

void Lens::check() const {
  check_range("lens: k1", k1, {-1, 1});
  check_range("lens: k2", k2, {-1, 1});
  require(3 * std::min(k1.low, 0.0) + 5 * std::min(k2.low, 0.0) >= -1,
          "lens: k1 = {} and k2 = {} fold the corners over; valid: 3 k1 + 5 k2 of at least -1",
          k1.low, k2.low);
  check_canvas("lens", canvas);
}

Lens::Decision Lens::draw(Random& random, Extent) const {
  const double first = k1.uniform(random);
  return {first, k2.uniform(random)};
}

RadialMap Lens::map(const Decision& decision, Extent before) const {
  return {.centre = {before.width * 0.5, before.height * 0.5},
          .radius = std::max(std::hypot(before.width, before.height) * 0.5, 1.0),
          .k1 = decision.k1,
          .k2 = decision.k2};
}

}  // namespace sluice::augment
