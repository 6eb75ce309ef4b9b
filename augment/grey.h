// Takes the colour out of an image.
#pragma once

#include <span>

#include "augment/colour_affine.h"
#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Every channel becomes 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). u8 has the bytes of Pillow's
// "L" (plain/grey.h), which are OpenCV's RGB2GRAY but for rounding; f32 stays a fraction.
struct Grey {
  using Decision = NoDecision;

  void check() const {}
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const {
    apply_by_rows(in, out.box, out,
                  [&](ConstImageView row, ImageView made) { apply(row, decision, made); });
  }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
  ColourAffine affine(const Decision& decision) const;
};
static_assert(SmallDecision<Grey::Decision>);

}  // namespace sluice::augment
