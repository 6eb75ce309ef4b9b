#include "augment/saturation.h"

#include <fmt/core.h>

#include "augment/range.h"
#include "augment/simd/tone.h"

namespace sluice::augment {

namespace {

Tone tone_of(const Saturation::Decision& decision) {
  return {.factor = static_cast<float>(decision.factor),
          .grey = static_cast<float>(1 - decision.factor)};
}

}  // namespace

std::string Saturation::Decision::text() const {
  return fmt::format("saturation x {:.3f}", factor);
}

void Saturation::check() const { check_range("saturation: factor", {factor, factor_to}, {0, 100}); }

Saturation::Decision Saturation::draw(Random& random, Extent) const {
  return {Range{factor, factor_to}.uniform(random)};
}

void Saturation::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  with_pixels(in, out, [&](const auto& loop) { simd::tone(loop, tone_of(decision)); });
}

ColourAffine Saturation::affine(const Decision& decision) const {
  return affine_of(tone_of(decision));
}

}  // namespace sluice::augment
