#include "augment/sharpness.h"

#include <fmt/core.h>

#include <algorithm>

#include "augment/grown_box.h"
#include "augment/part_rows.h"
#include "augment/range.h"
#include "augment/simd/neighbours.h"

namespace sluice::augment {
namespace {

// Pixels from `left` to before `right` of row y of the image are copied.
template <class T>
void keep(const ConstImagePart& in, int y, int left, int right, const Box& box, T* row) {
  if (left >= right) return;
  const auto* from = reinterpret_cast<const T*>(part_row(in, left, y, right - left).data);
  std::copy_n(from, (right - left) * kChannels, row + (left - box.left) * kChannels);
}

// Row y of the image into `row`, of those columns that the box has.
template <class T>
void sharpen_row(const ConstImagePart& in, float factor, int y, const Box& box, T* row) {
  const bool outermost = y == 0 || y == in.whole.height - 1;
  const int left = outermost ? box.right() : std::clamp(1, box.left, box.right());
  const int right = std::clamp(in.whole.width - 1, left, box.right());
  keep(in, y, box.left, left, box, row);
  keep(in, y, right, box.right(), box, row);
  if (left >= right) return;
  const auto at = [&](int line) {
    return reinterpret_cast<const T*>(part_row(in, left, line, right - left).data);
  };
  simd::sharpen(SharpenRow<T>{.above = at(y - 1),
                              .row = at(y),
                              .below = at(y + 1),
                              .factor = factor,
                              .weight = (1 - factor) / 13,
                              .values = static_cast<std::size_t>(right - left) * kChannels,
                              .to = row + (left - box.left) * kChannels});
}

}  // namespace

std::string Sharpness::Decision::text() const { return fmt::format("sharpness x {:.3f}", factor); }

void Sharpness::check() const { check_range("sharpness: factor", {factor, factor_to}, {0, 100}); }

Sharpness::Decision Sharpness::draw(Random& random, Extent) const {
  return {Range{factor, factor_to}.uniform(random)};
}

Box Sharpness::box_before(const Decision&, Extent before, const Box& after) const {
  return grown(after, 1, before);
}

void Sharpness::apply_part(const ConstImagePart& in, const Decision& decision, const ImagePart& out,
                           std::span<std::byte>) const {
  const auto by = static_cast<float>(decision.factor);
  for (int y = 0; y < out.box.extent.height; ++y) {
    if (in.view.type == PixelType::u8)
      sharpen_row(in, by, out.box.top + y, out.box, out.view.u8(y));
    else
      sharpen_row(in, by, out.box.top + y, out.box, out.view.f32(y));
  }
}

}  // namespace sluice::augment
