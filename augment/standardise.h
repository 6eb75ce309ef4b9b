// Mean 0 and deviation 1, by an image's own pixels.
#pragma once

#include <cstdint>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

enum class StandardiseBy : std::uint8_t { image, channel };

// out = (in - mean) / deviation, as TensorFlow's per_image_standardization: the deviation counts as
// at least 1 / sqrt(number of values), so that an image of one colour becomes 0. Both are taken
// over all values of the image, or of each channel by itself. f32 out. Needs the whole image.
struct Standardise {
  using Decision = NoDecision;

  StandardiseBy by = StandardiseBy::image;
  void check() const {}
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Standardise::Decision>);

}  // namespace sluice::augment
