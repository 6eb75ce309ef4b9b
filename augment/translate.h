// Moves an image by whole pixels.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/geometry.h"
#include "augment/range.h"
#include "augment/warp.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// To the right and down, by parts of the width and height that are rounded to whole pixels, as
// torchvision's RandomAffine(translate=...) does; nothing is resampled. Two draws: x, then y. u8 or
// f32, type and size kept.
struct Translate {
  struct Decision {
    int x = 0, y = 0;  // pixels

    std::string text() const;  // "move by 3,-7"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  Range x{-0.1, 0.1}, y{-0.1, 0.1};  // within -1 to 1
  Rgb fill{};                        // of what is uncovered: grey levels, rounded for u8

  void check() const;
  Decision draw(Random& random, Extent before) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  // Never nothing: one pixel where the part shows none.
  Box box_before(const Decision& decision, Extent before, const Box& after) const;
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const;
  Affine map(const Decision& decision, Extent) const {
    return {.bx = static_cast<double>(-decision.x), .by = static_cast<double>(-decision.y)};
  }
};
static_assert(SmallDecision<Translate::Decision>);

}  // namespace sluice::augment
