// The AlexNet paper's colour augmentation: noise along the principal components of RGB.
#pragma once

#include <array>
#include <span>
#include <string>

#include "augment/colour_affine.h"
#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"
#include "runtime/row_transform.h"

namespace sluice::augment {

// Principal components of the RGB values of a data set, the widest first.
struct Colours {
  std::array<double, 3> deviations{};              // square roots of the eigenvalues, 0 to 255
  std::array<std::array<double, 3>, 3> vectors{};  // [component][R, G, B], length 1

  friend bool operator==(const Colours&, const Colours&) = default;
};

// ImageNet's, as the authors measured and used them (cuda-convnet2, make-data/input_meta).
constexpr Colours authors_colours() {
  return {
      .deviations = {121.7801, 37.0939, 19.7208},
      .vectors = {
          {{-.56351, -.57618, -.59200}, {-.71258, -.02354, .70120}, {.41796, -.81698, .39731}}}};
}

// Of a measured covariance of R, G, B in (0 to 255)^2 (symmetric; the lower triangle is read). Of
// each vector the component of largest magnitude is positive, so that the result is unique.
Colours colours_from(const std::array<std::array<double, 3>, 3>& covariance);

// Adds sum_i alpha_i * deviation_i * vector_i to every pixel, alpha_i ~ N(0, sigma), drawn once an
// image in the order of the components (three draws). The paper multiplies by the eigenvalue; its
// authors' code by the square root, which alone gives sensible noise on 0 to 255, so we do too.
// u8 or f32 in, f32 out, unclamped.
struct PcaColour {
  struct Decision {
    std::array<double, 3> alpha{};

    std::string text() const;  // "colour alpha 0.104,-0.021,0.013"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double sigma = 0.1;  // 0 or more
  int until = 0;       // the draws of this epoch and later ones are 0; 0: of none
  Colours colours = authors_colours();

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  // What is added to each pixel.
  Rgb shift(const Decision& decision) const;
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const {
    apply_by_rows(from, to.box, to,
                  [&](ConstImageView in, ImageView out) { apply(in, decision, out); });
  }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  ColourAffine affine(const Decision& decision) const { return {.offset = shift(decision)}; }
  void add_to(RowTransform& row, const Decision& decision) const;
};
static_assert(SmallDecision<PcaColour::Decision>);

}  // namespace sluice::augment
