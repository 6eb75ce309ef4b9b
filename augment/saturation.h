// Moves every colour towards its grey or away from it.
#pragma once

#include <span>
#include <string>

#include "augment/colour_affine.h"
#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// out = factor x in + (1 - factor) x grey of the pixel, as torchvision and Pillow
// (ImageEnhance.Color) define it, factor uniform in [factor, factor_to] (one draw): 0 leaves grey.
// The grey is not rounded in between (Pillow does; torchvision cuts its fraction off, so that some
// values differ by 2); u8 is rounded to the nearest and clamped, where both cut off the fraction;
// f32 stays unclamped.
struct Saturation {
  struct Decision {
    double factor = 1;

    std::string text() const;  // "saturation x 1.130"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double factor = 0.6;     // 0 to 100
  double factor_to = 1.4;  // factor to 100

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const {
    apply_by_rows(in, out.box, out,
                  [&](ConstImageView row, ImageView made) { apply(row, decision, made); });
  }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
  ColourAffine affine(const Decision& decision) const;
};
static_assert(SmallDecision<Saturation::Decision>);

}  // namespace sluice::augment
