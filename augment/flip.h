// Mirrors an image left-right with a given probability.
#pragma once

#include <cstdint>
#include <string>

#include "augment/decision.h"
#include "augment/geometry.h"
#include "runtime/image.h"
#include "runtime/random.h"
#include "runtime/row_transform.h"

namespace sluice::augment {

enum class Mirror : std::uint8_t { no, yes };

// One draw. u8 or f32.
struct Flip {
  struct Decision {
    Mirror mirror = Mirror::no;

    std::string text() const { return mirror == Mirror::yes ? "mirrored" : "not mirrored"; }
    friend bool operator==(Decision, Decision) = default;
  };

  double probability = 0.5;  // of mirroring, 0 to 1

  void check() const;
  Decision draw(Random& random, Extent) const {
    return {random.uniform() < probability ? Mirror::yes : Mirror::no};
  }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType type) const { return type; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
  // A part is mirrored by itself.
  Box box_before(const Decision& decision, Extent before, const Box& after) const;
  void apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                  std::span<std::byte>) const;
  bool keeps_pixels(const Decision& decision) const { return decision.mirror == Mirror::no; }
  void add_to(RowTransform& row, const Decision& decision) const {
    if (decision.mirror == Mirror::yes) row.flip ^= 1;
  }
  Affine map(const Decision& decision, Extent before) const;
};
static_assert(SmallDecision<Flip::Decision>);

}  // namespace sluice::augment
