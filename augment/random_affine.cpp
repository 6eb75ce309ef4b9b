#include "augment/random_affine.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

namespace sluice::augment {

std::string RandomAffine::Decision::text() const {
  return fmt::format("affine {:.2f} degrees, move {},{}, scale {:.3f}, shear {:.2f},{:.2f}",
                     degrees, x, y, scale, shear_x, shear_y);
}

void RandomAffine::check() const {
  check_range("affine: degrees", degrees, {-360, 360});
  check_range("affine: x", x, {-1, 1});
  check_range("affine: y", y, {-1, 1});
  check_range("affine: scale", scale, {0.05, 20});
  check_range("affine: shear_x", shear_x, {-80, 80});
  check_range("affine: shear_y", shear_y, {-80, 80});
  check_canvas("random affine", canvas);
}

RandomAffine::Decision RandomAffine::draw(Random& random, Extent before) const {
  Decision decision;
  decision.degrees = degrees.uniform(random);
  decision.x = static_cast<int>(std::lround(x.uniform(random) * before.width));
  decision.y = static_cast<int>(std::lround(y.uniform(random) * before.height));
  decision.scale = scale.uniform(random);
  decision.shear_x = shear_x.uniform(random);
  decision.shear_y = shear_y.uniform(random);
  return decision;
}

PlaneMap RandomAffine::map(const Decision& decision, Extent before) const {
  // Output position -> moved back, turned back, scaled back, slanted back (torchvision's
  // _get_inverse_affine_matrix, whose `rotation` is clockwise).
  constexpr double kDegree = std::numbers::pi / 180;
  const double rotation = -decision.degrees * kDegree;
  const double across = std::tan(decision.shear_x * kDegree), slant = decision.shear_y * kDegree;
  const double a = std::cos(rotation - slant) / std::cos(slant);
  const double b = -a * across - std::sin(rotation);
  const double c = std::sin(rotation - slant) / std::cos(slant);
  const double d = -c * across + std::cos(rotation);
  const double small = 1 / decision.scale;
  PlaneMap map{.xx = d * small, .xy = -b * small, .yx = -c * small, .yy = a * small};
  map.x0 = -(map.xx * decision.x + map.xy * decision.y);
  map.y0 = -(map.yx * decision.x + map.yy * decision.y);
  return about_centre(map, before);
}

}  // namespace sluice::augment
