// Turns every hue by one angle.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Hue, saturation and value of the hexcone (HSV), the hue turned by a part of a full turn, uniform
// in [turns, turns_to] (one draw); largest and smallest channel of a pixel stay what they are.
// torchvision's adjust_hue on tensors; Pillow (and torchvision on Pillow images) rounds H, S and V
// to bytes in between, which moves colours by several grey levels. u8 is rounded to the nearest.
struct Hue {
  struct Decision {
    double turns = 0;

    std::string text() const;  // "hue +0.050 turns"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double turns = -0.1;    // -0.5 to 0.5 turns
  double turns_to = 0.1;  // turns to 0.5

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const {
    apply_by_rows(in, out.box, out,
                  [&](ConstImageView row, ImageView made) { apply(row, decision, made); });
  }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Hue::Decision>);

}  // namespace sluice::augment
