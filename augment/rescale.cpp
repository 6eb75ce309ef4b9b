#include "augment/rescale.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <limits>

#include "runtime/error.h"

namespace sluice::augment {

std::string Rescale::Decision::text() const {
  return fmt::format("rescale to {}x{}", to.width, to.height);
}

void Rescale::check() const {
  require(side >= 1 && side <= kMaxSide, "rescale: side is {}, it must be between 1 and {} pixels",
          side, kMaxSide);
  require(side_to == 0 || (side_to >= side && side_to <= kMaxSide),
          "rescale: to is {}, it must be 0 or between side, {}, and {} pixels", side_to, side,
          kMaxSide);
}

Rescale::Decision Rescale::draw(Random& random, Extent before) const {
  if (before.pixels() == 0) return {before};
  std::int64_t shorter_after = side;
  if (side_to > 0)
    shorter_after +=
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(side_to - side) + 1));
  const std::int64_t shorter = std::min(before.width, before.height);
  const auto scaled = [&](int length) {
    return static_cast<int>(
        std::min<std::int64_t>(length * shorter_after / shorter, std::numeric_limits<int>::max()));
  };
  return {{scaled(before.width), scaled(before.height)}};
}

std::size_t Rescale::scratch_bytes(const Decision& decision, Extent before, PixelType type) const {
  return resample_scratch_bytes({.held = before, .from = before, .to = decision.to, .type = type},
                                filter);
}

void Rescale::apply(ConstImageView from, const Decision& decision, ImageView to,
                    std::span<std::byte> scratch) const {
  apply_part(all_of(from), decision, all_of(to), scratch);
}

Box Rescale::box_before(const Decision& decision, Extent before, const Box& after) const {
  return resample_box_before(before, decision.to, after, filter);
}

void Rescale::apply_part(const ConstImagePart& from, [[maybe_unused]] const Decision& decision,
                         const ImagePart& to, std::span<std::byte> scratch) const {
  assert(to.whole == decision.to && to.view.type == from.view.type);
  resample(from, to, filter, scratch);
}

Affine Rescale::map(const Decision& decision, Extent before) const {
  if (decision.to.pixels() == 0) return {};
  return {.ax = static_cast<double>(before.width) / decision.to.width,
          .ay = static_cast<double>(before.height) / decision.to.height};
}

}  // namespace sluice::augment
