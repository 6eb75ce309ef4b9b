// Resizes an image isotropically: the shorter side gets a given length.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/geometry.h"
#include "augment/resample.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Both sides are multiplied by side / shorter side; the longer one is truncated to an integer, as
// torchvision's Resize does. An image of that size already is copied. u8 or f32, type kept.
struct Rescale {
  struct Decision {
    Extent to;

    std::string text() const;  // "rescale to 341x256"
    friend bool operator==(const Decision&, const Decision&) = default;
  };
  static constexpr int kMaxSide = 16384;

  int side = 256;  // of the shorter side afterwards, pixels, 1 to kMaxSide
  // Above 0: the shorter side is drawn from side ... side_to, each as likely (VGG paper, section
  // 3.1).
  int side_to = 0;
  Filter filter = Filter::antialias;

  void check() const;
  // One draw with `side_to`, else nothing is random. An empty image stays empty; a longer side
  // beyond an int is cut there, far above what any limit on pixels lets through.
  Decision draw(Random&, Extent before) const;
  Extent extent_after(const Decision& decision, Extent) const { return decision.to; }
  PixelType type_after(PixelType type) const { return type; }
  // Weights, and rows between the two passes; exact where all of the image is wanted.
  std::size_t scratch_bytes(const Decision& decision, Extent before, PixelType type) const;
  // `scratch`: scratch_bytes, aligned to 64 bytes; may be empty where those are 0.
  void apply(ConstImageView from, const Decision& decision, ImageView to,
             std::span<std::byte> scratch) const;
  Box box_before(const Decision& decision, Extent before, const Box& after) const;
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte> scratch) const;
  Affine map(const Decision& decision, Extent before) const;
};
static_assert(SmallDecision<Rescale::Decision>);

}  // namespace sluice::augment
