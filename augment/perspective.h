// Looks at an image from the side: each corner moves inwards by itself.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// torchvision's RandomPerspective: a corner moves by at most `distortion` times half the image,
// along x and along y, but by any part of a pixel (torchvision: whole pixels), and corners are
// those of the outer pixels' outer edges (torchvision: their middles). Eight draws: x and y of the
// upper left, upper right, lower right, lower left corner. u8 or f32, type and size kept.
struct Perspective {
  struct Decision {
    // How far inwards, as parts of half the width and half the height.
    struct Corner {
      float x = 0, y = 0;
      friend bool operator==(const Corner&, const Corner&) = default;
    };
    Corner upper_left, upper_right, lower_right, lower_left;

    std::string text() const;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  // 0 to 0.65: beyond two thirds the four corners may span no convex shape.
  double distortion = 0.5;
  Canvas canvas;

  void check() const;
  Decision draw(Random& random, Extent before) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const {
    warp(all_of(from), all_of(to), map(decision, from.extent), canvas);
  }
  Box box_before(const Decision& decision, Extent before, const Box& after) const {
    return warp_box_before(map(decision, before), before, after);
  }
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const {
    warp(from, to, map(decision, from.whole), canvas);
  }
  Projection map(const Decision& decision, Extent before) const;
};
static_assert(SmallDecision<Perspective::Decision>);

}  // namespace sluice::augment
