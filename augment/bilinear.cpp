#include "augment/bilinear.h"

#include <algorithm>
#include <cassert>

#include "augment/byte_resize.h"
#include "augment/scratch.h"
#include "augment/simd/resize.h"

namespace sluice::augment {
namespace {

// The two input pixels along one axis and the second one's weight. The first one is the same for
// both types: it follows from the position.
struct Neighbours {
  int first = 0;
  int second = 0;
  float weight = 0;

  // Counted from input pixel `origin` on.
  Neighbours from(int origin) const { return {first - origin, second - origin, weight}; }
};

Neighbours neighbours(int output, int in, int out) {
  const int first = (resized_position(output, in, out) - kPositionOne / 2) >> kPositionBits;
  const double weight = resized_place(output, in, out) - 0.5 - first;
  return {.first = std::clamp(first, 0, in - 1),
          .second = std::clamp(first + 1, 0, in - 1),
          .weight = static_cast<float>(std::max(weight, 0.0))};
}

float mixed(float a, float b, float weight) { return a + (b - a) * weight; }

void fill_row(const float* upper, const float* lower, float weight,
              std::span<const Neighbours> columns, float* to) {
  for (const Neighbours& column : columns) {
    const float* upper_left = upper + static_cast<std::ptrdiff_t>(column.first) * kChannels;
    const float* upper_right = upper + static_cast<std::ptrdiff_t>(column.second) * kChannels;
    const float* lower_left = lower + static_cast<std::ptrdiff_t>(column.first) * kChannels;
    const float* lower_right = lower + static_cast<std::ptrdiff_t>(column.second) * kChannels;
    for (int c = 0; c < kChannels; ++c, ++to)
      *to = mixed(mixed(upper_left[c], upper_right[c], column.weight),
                  mixed(lower_left[c], lower_right[c], column.weight), weight);
  }
}

void resize_floats(const ConstImagePart& from, const ImagePart& to, std::span<std::byte> scratch) {
  const Extent size = to.box.extent;
  const auto columns = take_scratch<Neighbours>(scratch, static_cast<std::size_t>(size.width));
  for (int x = 0; x < size.width; ++x) {
    columns[static_cast<std::size_t>(x)] =
        neighbours(to.box.left + x, from.whole.width, to.whole.width).from(from.box.left);
  }
  for (int y = 0; y < size.height; ++y) {
    const Neighbours rows =
        neighbours(to.box.top + y, from.whole.height, to.whole.height).from(from.box.top);
    fill_row(from.view.f32(rows.first), from.view.f32(rows.second), rows.weight, columns,
             to.view.f32(y));
  }
}

}  // namespace

void resize_bilinear(const ConstImagePart& from, const ImagePart& to,
                     std::span<std::byte> scratch) {
  assert(from.view.type == to.view.type);
  if (from.view.type == PixelType::u8)
    simd::resize_bilinear({from, to, scratch});
  else
    resize_floats(from, to, scratch);
}

std::size_t bilinear_scratch_bytes(Extent from, Extent to, PixelType type) {
  if (type == PixelType::u8) return simd::resize_scratch_bytes(from, to);
  return static_cast<std::size_t>(to.width) * sizeof(Neighbours);
}

Box bilinear_box_before(Extent from, Extent to, const Box& after) {
  const int left = neighbours(after.left, from.width, to.width).first;
  const int right = neighbours(after.right() - 1, from.width, to.width).second + 1;
  const int top = neighbours(after.top, from.height, to.height).first;
  const int bottom = neighbours(after.bottom() - 1, from.height, to.height).second + 1;
  return {.left = left, .top = top, .extent = {right - left, bottom - top}};
}

}  // namespace sluice::augment
