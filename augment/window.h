// A window of an image: the decision of both crops, and their pixels.
#pragma once

#include <optional>
#include <string>

#include "augment/decision.h"
#include "augment/geometry.h"
#include "runtime/image.h"

namespace sluice::augment {

// The part of an image that a crop keeps; pixels from the upper left corner.
struct Window {
  Extent extent;
  int left = 0;
  int top = 0;

  std::string text() const;  // "crop 224x224 at 17,9"
  Box box() const { return {.left = left, .top = top, .extent = extent}; }
  // Where a part of the window lies in the image.
  Box box_before(const Box& after) const {
    return {.left = left + after.left, .top = top + after.top, .extent = after.extent};
  }
  Affine map() const { return {.bx = static_cast<double>(left), .by = static_cast<double>(top)}; }
  friend bool operator==(const Window&, const Window&) = default;
};
static_assert(SmallDecision<Window>);

// Copies `box`, which lies in `from`. `to` has its extent and the type of `from`.
void copy_part(const ConstImagePart& from, const Box& box, ImageView to);

// Copies the window's pixels. `to` has the window's extent and the type of `from`.
void copy_window(ConstImageView from, const Window& window, ImageView to);

// Why a square of `side` pixels does not fit into an image, or nothing.
std::optional<std::string> refuses_square(int side, Extent extent);

}  // namespace sluice::augment
