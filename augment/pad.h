// Pixels of value 0 around an image.
#pragma once

#include "augment/decision.h"
#include "augment/geometry.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Adds `pixels` columns and rows of zeros (black) at every side. u8 or f32. Makes whole images
// only.
struct Pad {
  using Decision = NoDecision;
  static constexpr int kMost = 1024;

  int pixels = 2;  // at each side, 0 to kMost

  void check() const;
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const {
    return {before.width + 2 * pixels, before.height + 2 * pixels};
  }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  Affine map(const Decision&, Extent) const {
    return {.bx = static_cast<double>(-pixels), .by = static_cast<double>(-pixels)};
  }
};

}  // namespace sluice::augment
