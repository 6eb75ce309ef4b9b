#include "augment/bilinear.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "augment/scratch.h"

namespace sluice::augment {
namespace {

// The two input pixels along one axis and the second one's weight.
struct Neighbours {
  int first = 0;
  int second = 0;
  float weight = 0;

  // Counted from input pixel `origin` on.
  Neighbours from(int origin) const { return {first - origin, second - origin, weight}; }
};

Neighbours neighbours(int output, int in, int out) {
  const double at = (output + 0.5) * in / out - 0.5;
  const double floor = std::floor(at);
  const int first = static_cast<int>(floor);
  return {.first = std::clamp(first, 0, in - 1),
          .second = std::clamp(first + 1, 0, in - 1),
          .weight = static_cast<float>(at - floor)};
}

float mixed(float a, float b, float weight) { return a + (b - a) * weight; }

void put(float value, std::uint8_t& to) { to = static_cast<std::uint8_t>(value + 0.5F); }
void put(float value, float& to) { to = value; }

template <class T>
void fill_row(const T* upper, const T* lower, float weight, std::span<const Neighbours> columns,
              T* to) {
  for (const Neighbours& column : columns) {
    const T* upper_left = upper + static_cast<std::ptrdiff_t>(column.first) * kChannels;
    const T* upper_right = upper + static_cast<std::ptrdiff_t>(column.second) * kChannels;
    const T* lower_left = lower + static_cast<std::ptrdiff_t>(column.first) * kChannels;
    const T* lower_right = lower + static_cast<std::ptrdiff_t>(column.second) * kChannels;
    for (int c = 0; c < kChannels; ++c, ++to)
      put(mixed(mixed(upper_left[c], upper_right[c], column.weight),
                mixed(lower_left[c], lower_right[c], column.weight), weight),
          *to);
  }
}

}  // namespace

void resize_bilinear(const ConstImagePart& from, const ImagePart& to,
                     std::span<std::byte> scratch) {
  assert(from.view.type == to.view.type);
  const Extent size = to.box.extent;
  const auto columns = take_scratch<Neighbours>(scratch, static_cast<std::size_t>(size.width));
  for (int x = 0; x < size.width; ++x) {
    columns[static_cast<std::size_t>(x)] =
        neighbours(to.box.left + x, from.whole.width, to.whole.width).from(from.box.left);
  }
  for (int y = 0; y < size.height; ++y) {
    const Neighbours rows =
        neighbours(to.box.top + y, from.whole.height, to.whole.height).from(from.box.top);
    if (from.view.type == PixelType::u8)
      fill_row(from.view.u8(rows.first), from.view.u8(rows.second), rows.weight, columns,
               to.view.u8(y));
    else
      fill_row(from.view.f32(rows.first), from.view.f32(rows.second), rows.weight, columns,
               to.view.f32(y));
  }
}

std::size_t bilinear_scratch_bytes(Extent to) {
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
