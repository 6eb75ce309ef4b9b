// Turns an image about its centre.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/range.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Size kept; positive angles turn counter-clockwise: Pillow's Image.rotate and torchvision's rotate
// (whose F.affine turns the other way). One draw. u8 or f32, type kept.
struct Rotate {
  struct Decision {
    double degrees = 0;

    std::string text() const;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  Range degrees{-15, 15};  // within -360 to 360
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
static_assert(SmallDecision<Rotate::Decision>);

}  // namespace sluice::augment
