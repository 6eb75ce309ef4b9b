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

void resize_bilinear(ConstImageView from, ImageView to, std::span<std::byte> scratch) {
  assert(from.type == to.type);
  const auto columns = take_scratch<Neighbours>(scratch, static_cast<std::size_t>(to.extent.width));
  for (int x = 0; x < to.extent.width; ++x)
    columns[static_cast<std::size_t>(x)] = neighbours(x, from.extent.width, to.extent.width);
  for (int y = 0; y < to.extent.height; ++y) {
    const Neighbours rows = neighbours(y, from.extent.height, to.extent.height);
    if (from.type == PixelType::u8)
      fill_row(from.u8(rows.first), from.u8(rows.second), rows.weight, columns, to.u8(y));
    else
      fill_row(from.f32(rows.first), from.f32(rows.second), rows.weight, columns, to.f32(y));
  }
}

std::size_t bilinear_scratch_bytes(Extent to) {
  return static_cast<std::size_t>(to.width) * sizeof(Neighbours);
}

}  // namespace sluice::augment
