// Spreads the values of each channel evenly.
#pragma once

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Each channel by itself through the table of Pillow's ImageOps.equalize, with its bytes (OpenCV's
// equalizeHist rounds otherwise). f32 is rounded and clamped to a byte first and comes out as whole
// numbers. Needs the whole image.
struct Equalize {
  using Decision = NoDecision;

  void check() const {}
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Equalize::Decision>);

}  // namespace sluice::augment
