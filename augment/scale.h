// Divides every value.
#pragma once

#include <array>
#include <span>

#include "augment/colour_affine.h"
#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"
#include "runtime/row_transform.h"

namespace sluice::augment {

// out = in / float(divisor x the channel's deviation), a true division (not a product with the
// rounded reciprocal); the matrix of `affine` can only multiply, so it differs in the last bit. u8
// or f32 in, f32 out.
struct Scale {
  using Decision = NoDecision;

  double divisor = 1;                            // above 0
  std::array<double, 3> deviations = {1, 1, 1};  // of red, green, blue; above 0

  void check() const;
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const {
    apply_by_rows(from, to.box, to,
                  [&](ConstImageView in, ImageView out) { apply(in, decision, out); });
  }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  ColourAffine affine(const Decision& decision) const;
  void add_to(RowTransform& row, const Decision& decision) const;

 private:
  Rgb divisors() const;
};

}  // namespace sluice::augment
