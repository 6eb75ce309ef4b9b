// Moves every value towards the image's mean grey or away from it.
#pragma once

#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// out = factor x in + (1 - factor) x mean grey of the image, as torchvision and Pillow
// (ImageEnhance.Contrast) define it, factor uniform in [factor, factor_to] (one draw): 0 leaves one
// grey. Neither the mean is rounded (Pillow does) nor the greys that it is taken of (torchvision
// cuts their fractions off); u8 is rounded to the nearest and clamped, where both cut off the
// fraction; f32 stays unclamped. Needs the whole image.
struct Contrast {
  struct Decision {
    double factor = 1;

    std::string text() const;  // "contrast x 1.130"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double factor = 0.6;     // 0 to 100
  double factor_to = 1.4;  // factor to 100

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Contrast::Decision>);

}  // namespace sluice::augment
