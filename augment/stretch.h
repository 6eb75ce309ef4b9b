// Makes an image wider or higher about its centre.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/range.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// By a factor along x and another one along y, above 1 larger; size kept, so that a larger image is
// cut and a smaller one gets a border. Their logarithms are uniform (half as wide is as likely as
// twice as wide, where both may be). Two draws: x, then y. u8 or f32, type kept.
struct Stretch {
  struct Decision {
    double x = 1, y = 1;

    std::string text() const;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  Range x{0.8, 1.25}, y{0.8, 1.25};  // factors, within 0.05 to 20
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
static_assert(SmallDecision<Stretch::Decision>);

}  // namespace sluice::augment
