// Makes an image softer or sharper.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// out = factor x in + (1 - factor) x the mean of the nine pixels around, the middle one counted
// five times, as Pillow (ImageEnhance.Sharpness) and torchvision define it, factor uniform in
// [factor, factor_to] (one draw): 0 is soft, 2 sharp. The outermost pixels stay. The mean is not
// rounded in between (both do); u8 is rounded to the nearest and clamped, where both cut off the
// fraction; f32 stays unclamped.
struct Sharpness {
  struct Decision {
    double factor = 1;

    std::string text() const;  // "sharpness x 1.130"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double factor = 0;     // 0 to 100
  double factor_to = 2;  // factor to 100

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  Box box_before(const Decision&, Extent before, const Box& after) const;
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const;
  void apply(ConstImageView in, const Decision& decision, ImageView out) const {
    apply_part(all_of(in), decision, all_of(out), {});
  }
};
static_assert(SmallDecision<Sharpness::Decision>);

}  // namespace sluice::augment
