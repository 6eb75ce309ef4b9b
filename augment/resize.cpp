#include "augment/resize.h"

#include <fmt/core.h>

#include <cassert>

#include "runtime/error.h"

namespace sluice::augment {

std::string Resize::Decision::text() const {
  return fmt::format("resize to {}x{}", to.width, to.height);
}

void Resize::check() const {
  require(to.width >= 1 && to.width <= kMaxSide, "resize: width is {}, it must be 1 to {} pixels",
          to.width, kMaxSide);
  require(to.height >= 1 && to.height <= kMaxSide,
          "resize: height is {}, it must be 1 to {} pixels", to.height, kMaxSide);
}

std::size_t Resize::scratch_bytes(const Decision& decision, Extent before, PixelType type) const {
  return resample_scratch_bytes({.held = before, .from = before, .to = decision.to, .type = type},
                                filter);
}

void Resize::apply(ConstImageView from, const Decision& decision, ImageView image,
                   std::span<std::byte> scratch) const {
  apply_part(all_of(from), decision, all_of(image), scratch);
}

Box Resize::box_before(const Decision& decision, Extent before, const Box& after) const {
  return resample_box_before(before, decision.to, after, filter);
}

void Resize::apply_part(const ConstImagePart& from, [[maybe_unused]] const Decision& decision,
                        const ImagePart& part, std::span<std::byte> scratch) const {
  assert(part.whole == decision.to && part.view.type == from.view.type);
  resample(from, part, filter, scratch);
}

Affine Resize::map(const Decision& decision, Extent before) const {
  if (decision.to.pixels() == 0) return {};
  return {.ax = static_cast<double>(before.width) / decision.to.width,
          .ay = static_cast<double>(before.height) / decision.to.height};
}

}  // namespace sluice::augment
