#include "augment/mean_rgb.h"

#include "augment/simd/channels.h"
#include "runtime/error.h"

namespace sluice::augment {

void MeanRgb::check() const {
  for (const double value : mean)
    require(value >= 0 && value <= 255, "mean: a channel is {}, each must be between 0 and 255",
            value);
}

void MeanRgb::apply(ConstImageView from, const Decision&, ImageView to) const {
  const Rgb rounded{static_cast<float>(mean[0]), static_cast<float>(mean[1]),
                    static_cast<float>(mean[2])};
  simd::combine(from, ChannelOperation::subtract, rounded, to);
}

// a - b and a + (-b) have the same bits.
void MeanRgb::add_to(RowTransform& row, const Decision&) const {
  add_step(row, {RowTransform::Kind::add,
                 {-static_cast<float>(mean[0]), -static_cast<float>(mean[1]),
                  -static_cast<float>(mean[2])}});
}

ColourAffine MeanRgb::affine(const Decision&) const {
  return {.offset = {-static_cast<float>(mean[0]), -static_cast<float>(mean[1]),
                     -static_cast<float>(mean[2])}};
}

}  // namespace sluice::augment
