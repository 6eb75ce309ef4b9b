#include "augment/noise.h"

#include <fmt/core.h>

#include "augment/range.h"
#include "augment/simd/noise.h"

namespace sluice::augment {

std::string Noise::Decision::text() const {
  return fmt::format("noise of {:.1f} grey levels", sigma);
}

void Noise::check() const { check_range("noise: sigma", {sigma, sigma_to}, {0, 255}); }

Noise::Decision Noise::draw(Random& random, Extent) const {
  Decision decision;
  decision.sigma = Range{sigma, sigma_to}.uniform(random);
  decision.seed = random.bits();
  return decision;
}

void Noise::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  const auto by = static_cast<float>(decision.sigma);
  with_equal_types(in, out, [&](const auto& loop) { simd::add_noise(loop, by, decision.seed); });
}

}  // namespace sluice::augment
