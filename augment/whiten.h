// Colours without correlation, of one deviation.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "augment/colour_affine.h"
#include "augment/decision.h"
#include "augment/part_rows.h"
#include "augment/pca_colour.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

enum class Whitening : std::uint8_t { zca, pca };

// The mean colour of the training images is subtracted, and what is left is taken along the
// principal components of their colours, each divided by sqrt(deviation^2 + epsilon): PCA whitening
// leaves the three components, widest first, in the places of R, G and B; ZCA turns them back, so
// that colours stay as near to the old ones as they can. Values come out around 0 with a deviation
// of about 1. f32 out, unclamped.
struct Whiten {
  using Decision = NoDecision;

  Whitening kind = Whitening::zca;
  double epsilon = 1;  // grey levels squared, 0 or more
  std::array<double, 3> mean{};
  Colours colours = authors_colours();

  void check() const;
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const {
    apply_by_rows(in, out.box, out,
                  [&](ConstImageView row, ImageView made) { apply(row, decision, made); });
  }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
  ColourAffine affine(const Decision& decision) const;
};
static_assert(SmallDecision<Whiten::Decision>);

}  // namespace sluice::augment
