// The square in the middle of an image.
#pragma once

#include <optional>
#include <string>

#include "augment/window.h"
#include "runtime/random.h"

namespace sluice::augment {

// Keeps `side` x `side` pixels from the middle. Where the margin is odd the left and upper one is
// the smaller, as in the AlexNet authors' code and Caffe (torchvision rounds half to even instead).
// u8 or f32.
struct CentreCrop {
  using Decision = Window;

  int side = 256;  // pixels, 1 or more

  void check() const;
  std::optional<std::string> refuses(Extent before) const { return refuses_square(side, before); }
  // `before` is not refused.
  Decision draw(Random&, Extent before) const;
  Extent extent_after(const Decision& decision, Extent) const { return decision.extent; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  Affine map(const Decision& decision, Extent) const { return decision.map(); }
};

}  // namespace sluice::augment
