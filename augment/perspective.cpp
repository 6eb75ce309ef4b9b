#include "augment/perspective.h"

#include <fmt/core.h>

#include "runtime/error.h"

namespace sluice::augment {
namespace {

// The unit square's corners (0, 0), (1, 0), (1, 1), (0, 1) go to these: Heckbert, "Fundamentals of
// texture mapping and image warping", 1989, section 2.2.3.
Projection square_to(const Position (&p)[4]) {
  const double x = p[0].x - p[1].x + p[2].x - p[3].x, y = p[0].y - p[1].y + p[2].y - p[3].y;
  const Position right{p[1].x - p[2].x, p[1].y - p[2].y}, down{p[3].x - p[2].x, p[3].y - p[2].y};
  const double area = right.x * down.y - down.x * right.y;
  const double g = (x * down.y - down.x * y) / area, h = (right.x * y - x * right.y) / area;
  return {.a = p[1].x - p[0].x + g * p[1].x,
          .b = p[3].x - p[0].x + h * p[3].x,
          .c = p[0].x,
          .d = p[1].y - p[0].y + g * p[1].y,
          .e = p[3].y - p[0].y + h * p[3].y,
          .f = p[0].y,
          .g = g,
          .h = h};
}

// Undoes `map` and makes the unit square `width` x `height` pixels.
Projection inverse(const Projection& map, double width, double height) {
  const double under = map.a * map.e - map.b * map.d;  // the adjugate's last entry
  return {.a = (map.e - map.f * map.h) / under * width,
          .b = (map.c * map.h - map.b) / under * width,
          .c = (map.b * map.f - map.c * map.e) / under * width,
          .d = (map.f * map.g - map.d) / under * height,
          .e = (map.a - map.c * map.g) / under * height,
          .f = (map.c * map.d - map.a * map.f) / under * height,
          .g = (map.d * map.h - map.e * map.g) / under,
          .h = (map.b * map.g - map.a * map.h) / under};
}

}  // namespace

std::string Perspective::Decision::text() const {
  return fmt::format(
      "perspective, corners in by {:.3f},{:.3f} {:.3f},{:.3f} {:.3f},{:.3f} {:.3f},{:.3f}",
      upper_left.x, upper_left.y, upper_right.x, upper_right.y, lower_right.x, lower_right.y,
      lower_left.x, lower_left.y);
}

void Perspective::check() const {
  require(distortion >= 0 && distortion <= 0.65,
          "perspective: distortion is {}, it must be 0 to 0.65", distortion);
  check_canvas("perspective", canvas);
}

Perspective::Decision Perspective::draw(Random& random, Extent) const {
  const auto corner = [&] {
    const double x = random.uniform() * distortion;
    return Decision::Corner{static_cast<float>(x),
                            static_cast<float>(random.uniform() * distortion)};
  };
  Decision decision;
  decision.upper_left = corner();
  decision.upper_right = corner();
  decision.lower_right = corner();
  decision.lower_left = corner();
  return decision;
}

Projection Perspective::map(const Decision& decision, Extent before) const {
  const double width = before.width, height = before.height;
  if (before.pixels() == 0) return {};
  const Position corners[] = {
      {width / 2 * decision.upper_left.x, height / 2 * decision.upper_left.y},
      {width - width / 2 * decision.upper_right.x, height / 2 * decision.upper_right.y},
      {width - width / 2 * decision.lower_right.x, height - height / 2 * decision.lower_right.y},
      {width / 2 * decision.lower_left.x, height - height / 2 * decision.lower_left.y}};
  return inverse(square_to(corners), width, height);
}

}  // namespace sluice::augment
