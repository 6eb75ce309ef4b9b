// One of a grid of squares that are spread evenly over an image.
#pragma once

#include <optional>
#include <span>

#include "augment/window.h"
#include "runtime/random.h"

namespace sluice::augment {

// `grid` x `grid` squares of `side` pixels, the outer ones at the image's edges, the others evenly
// between them (places rounded down); they overlap where the image is small. A grid of 1 is the
// square in the middle. One draw, whether the cell is drawn or given. u8 or f32.
struct GridCrop {
  using Decision = Window;
  static constexpr int kMostCells = 32;

  int side = 224;  // pixels, 1 or more
  int grid = 3;    // squares along each axis, 1 to kMostCells
  int cell = -1;   // which one, row by row from 0; -1: drawn, each as likely

  void check() const;
  std::optional<std::string> refuses(Extent before) const { return refuses_square(side, before); }
  // `before` is not refused.
  Decision draw(Random& random, Extent before) const;
  Extent extent_after(const Decision& decision, Extent) const { return decision.extent; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const {
    copy_window(from, decision, to);
  }
  Box box_before(const Decision& decision, Extent, const Box& after) const {
    return decision.box_before(after);
  }
  bool keeps_pixels(const Decision&) const { return true; }
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const {
    copy_part(from, decision.box_before(to.box), to.view);
  }
  Affine map(const Decision& decision, Extent) const { return decision.map(); }
};

}  // namespace sluice::augment
