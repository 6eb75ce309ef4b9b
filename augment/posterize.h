// Keeps the highest bits of every value.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// As Pillow's ImageOps.posterize: the lower 8 - bits bits of a u8 become 0; an f32 goes down to a
// multiple of 2^(8 - bits). `bits` is uniform over the whole numbers of [bits, bits_to] (one draw).
struct Posterize {
  struct Decision {
    int bits = 8;

    std::string text() const;  // "posterize to 4 bits"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  int bits = 4;     // bits, 1 to 8
  int bits_to = 8;  // bits to 8

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
static_assert(SmallDecision<Posterize::Decision>);

}  // namespace sluice::augment
