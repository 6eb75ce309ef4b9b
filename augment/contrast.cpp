#include "augment/contrast.h"

#include <fmt/core.h>

#include "augment/colour_sums.h"
#include "augment/range.h"
#include "augment/simd/tone.h"

namespace sluice::augment {

std::string Contrast::Decision::text() const { return fmt::format("contrast x {:.3f}", factor); }

void Contrast::check() const { check_range("contrast: factor", {factor, factor_to}, {0, 100}); }

Contrast::Decision Contrast::draw(Random& random, Extent) const {
  return {Range{factor, factor_to}.uniform(random)};
}

void Contrast::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  const Tone tone{.factor = static_cast<float>(decision.factor),
                  .offset = static_cast<float>((1 - decision.factor) * mean_grey(in))};
  with_pixels(in, out, [&](const auto& loop) { simd::tone(loop, tone); });
}

}  // namespace sluice::augment
