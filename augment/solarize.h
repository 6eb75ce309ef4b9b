// Inverts what is bright.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Values of `threshold` and above become 255 - in, as Pillow's ImageOps.solarize; the threshold is
// uniform in [threshold, threshold_to] (one draw). 256: none of a u8 image.
struct Solarize {
  struct Decision {
    double threshold = 128;

    std::string text() const;  // "solarize from 128.0"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double threshold = 128;     // grey levels, 0 to 256
  double threshold_to = 128;  // threshold to 256

  void check() const;
  Decision draw(Random& random, Extent) const;
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  Box box_before(const Decision&, Extent, const Box& after) const { return after; }
  void apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                  std::span<std::byte>) const {
    apply_by_rows(in, out.box, out,
                  [&](ConstImageView row, ImageView made) { apply(row, decision, made); });
  }
  void apply(ConstImageView in, const Decision& decision, ImageView out) const;
};
static_assert(SmallDecision<Solarize::Decision>);

}  // namespace sluice::augment
