// Stretches each channel to the full range.
#pragma once

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// The smallest value of each channel becomes 0 and the largest 255, as Pillow's
// ImageOps.autocontrast (no cutoff, channels by themselves); a channel of one value stays. u8 is
// rounded to the nearest, where Pillow cuts off the fraction. Needs the whole image.
struct Autocontrast {
  using Decision = NoDecision;

  void check() const {}
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Autocontrast::Decision>);

}  // namespace sluice::augment
