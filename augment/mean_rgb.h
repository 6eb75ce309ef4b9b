// Subtracts one colour from every pixel.
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

// Means of ImageNet's R, G, B, 0 to 255, as the authors of the nets used them.
constexpr std::array<double, 3> alexnet_authors_mean() { return {127.30, 119.72, 104.91}; }
constexpr std::array<double, 3> vgg_authors_mean() { return {123.68, 116.78, 103.94}; }

// u8 or f32 in, f32 out. The mean is rounded to float once.
struct MeanRgb {
  using Decision = NoDecision;

  std::array<double, 3> mean{};  // R, G, B, 0 to 255; zero subtracts nothing

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
};

}  // namespace sluice::augment
