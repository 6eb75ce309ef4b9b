// A square at a random place.
#pragma once

#include <optional>
#include <string>

#include "augment/window.h"
#include "runtime/random.h"

namespace sluice::augment {

// Keeps `side` x `side` pixels, every position equally likely: of a 256 x 256 image and side 224,
// 33 x 33 positions (the paper counts 32 x 32). Crop the centre first to stay inside it. Two draws:
// the left edge, then the upper one. u8 or f32.
struct RandomCrop {
  using Decision = Window;

  int side = 224;  // pixels, 1 or more

  void check() const;
  std::optional<std::string> refuses(Extent before) const { return refuses_square(side, before); }
  // `before` is not refused.
  Decision draw(Random& random, Extent before) const;
  Extent extent_after(const Decision& decision, Extent) const { return decision.extent; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  Box box_before(const Decision& decision, Extent, const Box& after) const {
    return decision.box_before(after);
  }
  bool keeps_pixels(const Decision&) const { return true; }
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const {
    copy_part(from, decision.box_before(to.box), to.view);
  }
  Affine map(const Decision& decision, Extent) const { return decision.map(); }
};

}  // namespace sluice::augment
