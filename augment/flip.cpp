#include "augment/flip.h"

#include <cassert>
#include <cstring>

#include "augment/part_rows.h"
#include "augment/simd/mirror.h"
#include "runtime/error.h"

namespace sluice::augment {
void Flip::check() const {
  require(probability >= 0 && probability <= 1,
          "flip: probability is {}, it must be between 0 and 1", probability);
}

void Flip::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  assert(to.extent == from.extent && to.type == from.type);
  if (decision.mirror == Mirror::no) {
    std::memcpy(to.data, from.data, image_bytes(from.extent, from.type));
    return;
  }
  simd::mirror(from, to);
}

Box Flip::box_before(const Decision& decision, Extent before, const Box& after) const {
  if (decision.mirror == Mirror::no) return after;
  return {.left = before.width - after.right(), .top = after.top, .extent = after.extent};
}

void Flip::apply_part(const ConstImagePart& from, const Decision& decision, const ImagePart& to,
                      std::span<std::byte>) const {
  apply_by_rows(from, box_before(decision, from.whole, to.box), to,
                [&](ConstImageView in, ImageView out) { apply(in, decision, out); });
}

Affine Flip::map(const Decision& decision, Extent before) const {
  if (decision.mirror == Mirror::no) return {};
  return {.ax = -1, .bx = static_cast<double>(before.width)};
}

}  // namespace sluice::augment
