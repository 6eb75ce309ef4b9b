// Random erasing: a rectangle is filled (also called cutout).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "augment/decision.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

enum class ErasedWith : std::uint8_t { level, colour, noise };

// As torchvision's RandomErasing (Zhong et al. 2017): the rectangle's area is a part of the
// image's, uniform in [area, area_to], its height over its width log-uniform in [ratio, ratio_to],
// sides rounded to whole pixels; a rectangle that is not smaller than the image in both directions
// is drawn again, ten times at most (then nothing is erased), and its place is uniform. It has no
// probability of its own. Draws: one that keys the colours, two a try, two for the place.
//
// Filled with one grey level, one colour (each channel uniform in 0 to 255), or such a value for
// each channel of each pixel; f32 takes the same whole numbers.
struct Erase {
  struct Decision {
    std::uint64_t seed = 0;
    Box box;  // without pixels: nothing is erased

    std::string text() const;  // "erase 57x80 at 12,40"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double area = 0.02;  // of the image's area, above 0 to 1
  double area_to = 0.33;
  double ratio = 0.3;  // above 0 to 100
  double ratio_to = 3.3;
  ErasedWith with = ErasedWith::level;
  double fill = 0;  // grey level, 0 to 255

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const {
    apply_part(all_of(in), decision, all_of(out), {});
  }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const;
};
static_assert(SmallDecision<Erase::Decision>);

}  // namespace sluice::augment
