// Slants an image about its centre.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/range.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// By `x` degrees along x and `y` degrees along y, as torchvision's F.affine(shear=(x, y)) does. Two
// draws: x, then y. u8 or f32, type and size kept.
struct Shear {
  struct Decision {
    double x = 0, y = 0;  // degrees

    std::string text() const;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  Range x{-10, 10}, y{0, 0};  // degrees, within -80 to 80
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
  PlaneMap map(const Decision& decision, Extent before) const;
};
static_assert(SmallDecision<Shear::Decision>);

}  // namespace sluice::augment
