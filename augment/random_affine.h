// Turns, moves, scales and slants an image in one sampling.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/range.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// torchvision's RandomAffine: slanted, scaled and turned about the centre, then moved by whole
// pixels; but positive angles turn counter-clockwise, as rotate does (torchvision's turn clockwise
// here). Six draws: angle, x, y, scale, shear along x, along y. u8 or f32, type and size kept.
struct RandomAffine {
  struct Decision {
    double degrees = 0;
    int x = 0, y = 0;  // pixels to the right and down
    double scale = 1;
    double shear_x = 0, shear_y = 0;  // degrees

    std::string text() const;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  Range degrees{-15, 15};              // within -360 to 360
  Range x{-0.1, 0.1}, y{-0.1, 0.1};    // parts of width and height, within -1 to 1
  Range scale{0.9, 1.1};               // factor, uniform, within 0.05 to 20
  Range shear_x{0, 0}, shear_y{0, 0};  // degrees, within -80 to 80
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
static_assert(SmallDecision<RandomAffine::Decision>);

}  // namespace sluice::augment
