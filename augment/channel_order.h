// Puts the three channels of an image into another order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "augment/colour_affine.h"
#include "augment/decision.h"
#include "augment/part_rows.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::augment {

// Channel c of the output is channel order[c] of the input. One of the six orders, each equally
// often (torchvision's RandomChannelPermutation, Albumentations' ChannelShuffle), or always the
// same: {2, 1, 0} feeds a net whose weights want BGR, as Caffe's do. One draw either way.
struct ChannelOrder {
  using Order = std::array<std::uint8_t, 3>;
  struct Decision {
    Order order{0, 1, 2};

    std::string text() const;  // "channels bgr"
    friend bool operator==(const Decision&, const Decision&) = default;
  };
  enum class Choice : std::uint8_t { fixed, drawn };

  Choice choice = Choice::drawn;
  Order order{0, 1, 2};  // where it is fixed

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
  ColourAffine affine(const Decision& decision) const;
};
static_assert(SmallDecision<ChannelOrder::Decision>);

// "bgr" as an order; throws Error{usage} where a letter is missing.
ChannelOrder::Order channel_order_of(std::string_view letters);

}  // namespace sluice::augment
