// A window of random area and shape, brought to a square.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/geometry.h"
#include "augment/resample.h"
#include "augment/window.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Inception's crop ("Going deeper with convolutions", section 6), as torchvision's
// RandomResizedCrop draws it: a part of the image's area between the two `scale`s, width over
// height between the two `ratio`s (its logarithm is uniform), sides rounded to the nearest, halves
// to even; a window that does not fit is drawn again, ten times at most, then it is the largest
// central one whose shape fits. Two draws for the place (left, upper edge), then two a try: 4
// to 22. Only the window's own pixels are resized, as if it had been cut out before. u8 or f32,
// type kept.
struct RandomResizedCrop {
  struct Decision {
    Window window;
    Extent to;

    std::string text() const;  // "crop 200x150 at 3,4 to 224x224"
    friend bool operator==(const Decision&, const Decision&) = default;
  };
  static constexpr int kMaxSide = 16384;
  static constexpr int kTries = 10;

  int side = 224;                              // afterwards, pixels, 1 to kMaxSide
  double scale = 0.08, scale_to = 1;           // parts of the area, above 0, at most 1
  double ratio = 3.0 / 4, ratio_to = 4.0 / 3;  // width over height, 0.01 to 100
  Filter filter = Filter::antialias;

  void check() const;
  Decision draw(Random& random, Extent before) const;
  Extent extent_after(const Decision& decision, Extent) const { return decision.to; }
  PixelType type_after(PixelType type) const { return type; }
  std::size_t scratch_bytes(const Decision& decision, Extent before, PixelType type) const;
  void apply(ConstImageView from, const Decision& decision, ImageView to,
             std::span<std::byte> scratch) const;
  Box box_before(const Decision& decision, Extent before, const Box& after) const;
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte> scratch) const;
  Affine map(const Decision& decision, Extent before) const;
};
static_assert(SmallDecision<RandomResizedCrop::Decision>);

}  // namespace sluice::augment
