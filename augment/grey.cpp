#include "augment/grey.h"

#include "augment/simd/grey.h"
#include "augment/simd/tone.h"

namespace sluice::augment {
namespace {

constexpr Tone kOnlyGrey{.factor = 0, .grey = 1};

}  // namespace

void Grey::apply(ConstImageView in, const Decision&, ImageView out) const {
  if (out.type == PixelType::u8)
    return with_bytes(in, out, [](const auto& loop) { simd::grey(loop); });
  with_pixels(in, out, [](const auto& loop) { simd::tone(loop, kOnlyGrey); });
}

ColourAffine Grey::affine(const Decision&) const { return affine_of(kOnlyGrey); }

}  // namespace sluice::augment
