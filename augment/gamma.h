// Brightens or darkens the middle of the scale.
#pragma once

#include <span>
#include <string>

#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// out = 255 x (in / 255)^gamma, as torchvision's adjust_gamma (gain 1), gamma uniform in [gamma,
// gamma_to] (one draw). u8 is rounded to the nearest, where torchvision cuts off the fraction; of
// f32, values below 0 become 0 and those above 255 grow on.
struct Gamma {
  struct Decision {
    double exponent = 1;

    std::string text() const;  // "gamma 0.912"
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  double gamma = 0.8;      // 0 to 100
  double gamma_to = 1.25;  // gamma to 100

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
static_assert(SmallDecision<Gamma::Decision>);

}  // namespace sluice::augment
