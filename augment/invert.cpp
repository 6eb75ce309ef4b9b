#include "augment/invert.h"

#include "augment/simd/points.h"
#include "augment/tone.h"

namespace sluice::augment {

void Invert::apply(ConstImageView in, const Decision&, ImageView out) const {
  with_equal_types(in, out, [](const auto& loop) { simd::invert(loop); });
}

ColourAffine Invert::affine(const Decision&) const {
  return affine_of({.factor = -1, .offset = 255});
}

}  // namespace sluice::augment
