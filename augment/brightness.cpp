#include "augment/brightness.h"

#include <fmt/core.h>

#include "augment/range.h"
#include "augment/simd/tone.h"

namespace sluice::augment {

namespace {

Tone tone_of(const Brightness::Decision& decision) {
  return {.factor = static_cast<float>(decision.factor)};
}

}  // namespace

std::string Brightness::Decision::text() const {
  return fmt::format("brightness x {:.3f}", factor);
}

void Brightness::check() const { check_range("brightness: factor", {factor, factor_to}, {0, 100}); }

Brightness::Decision Brightness::draw(Random& random, Extent) const {
  return {Range{factor, factor_to}.uniform(random)};
}

void Brightness::apply(ConstImageView in, const Decision& decision, ImageView out) const {
  with_pixels(in, out, [&](const auto& loop) { simd::tone(loop, tone_of(decision)); });
}

ColourAffine Brightness::affine(const Decision& decision) const {
  return affine_of(tone_of(decision));
}

}  // namespace sluice::augment
