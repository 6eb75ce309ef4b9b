// Brings an image to a given width and height, whatever its shape was.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/geometry.h"
#include "augment/resample.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// The image is stretched where its shape differs: torchvision's Resize((height, width)), Pillow's
// and OpenCV's resize. Nothing is random. u8 or f32, type kept.
struct Resize {
  struct Decision {
    Extent to;

    std::string text() const;  // "resize to 224x224"
    friend bool operator==(const Decision&, const Decision&) = default;
  };
  static constexpr int kMaxSide = 16384;

  Extent to{256, 256};  // pixels, 1 to kMaxSide each
  Filter filter = Filter::antialias;

  void check() const;
  // An empty image stays as it is.
  Decision draw(Random&, Extent before) const { return {before.pixels() == 0 ? before : to}; }
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
static_assert(SmallDecision<Resize::Decision>);

}  // namespace sluice::augment
