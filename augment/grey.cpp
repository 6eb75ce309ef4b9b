#include "augment/grey.h"

#include "augment/simd/tone.h"

namespace sluice::augment {
namespace {

constexpr Tone kOnlyGrey{.factor = 0, .grey = 1};

}  // namespace

void Grey::apply(ConstImageView in, const Decision&, ImageView out) const {
  with_pixels(in, out, [](const auto& loop) { simd::tone(loop, kOnlyGrey); });
}

ColourAffine Grey::affine(const Decision&) const { return affine_of(kOnlyGrey); }

}  // namespace sluice::augment
