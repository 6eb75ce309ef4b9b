#include "augment/antialias.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <type_traits>

#include "augment/scratch.h"
#include "augment/taps.h"

namespace sluice::augment {
namespace {

// Sums start here, so that the shift rounds to the nearest.
template <class Sum>
constexpr Sum kStart = 0;
template <>
constexpr std::int32_t kStart<std::int32_t> = 1 << (kWeightBits - 1);

// Weights may sum to a little more than 1.
void put(std::int32_t sum, std::uint8_t& to) {
  to = static_cast<std::uint8_t>(std::min(sum >> kWeightBits, 255));
}
void put(float sum, float& to) { to = sum; }

template <class T, class Weight>
void horizontal_row(const T* from, const Taps<Weight>& taps, T* to) {
  for (std::size_t x = 0; x < taps.ranges.size(); ++x, to += kChannels) {
    const TapRange range = taps.ranges[x];
    const Weight* weights = taps.of(x);
    const T* pixel = from + static_cast<std::ptrdiff_t>(range.first) * kChannels;
    Weight red = kStart<Weight>, green = kStart<Weight>, blue = kStart<Weight>;
    for (int i = 0; i < range.count; ++i, pixel += kChannels) {
      red += pixel[0] * weights[i];
      green += pixel[1] * weights[i];
      blue += pixel[2] * weights[i];
    }
    put(red, to[0]);
    put(green, to[1]);
    put(blue, to[2]);
  }
}

// One output row: a weighted sum of whole input rows, in blocks that stay in registers.
template <class T, class Weight>
void vertical_row(const T* from, std::size_t length, TapRange range, const Weight* weights, T* to) {
  constexpr std::size_t kBlock = 32;
  from += static_cast<std::size_t>(range.first) * length;
  for (std::size_t begin = 0; begin < length; begin += kBlock) {
    const std::size_t count = std::min(kBlock, length - begin);
    std::array<Weight, kBlock> sums;
    sums.fill(kStart<Weight>);
    const T* row = from + begin;
    for (int i = 0; i < range.count; ++i, row += length) {
      if (count == kBlock)
        for (std::size_t j = 0; j < kBlock; ++j) sums[j] += row[j] * weights[i];
      else
        for (std::size_t j = 0; j < count; ++j) sums[j] += row[j] * weights[i];
    }
    for (std::size_t j = 0; j < count; ++j) put(sums[j], to[begin + j]);
  }
}

// The weights for pixels of T.
template <class T>
auto make_taps(int in, int out, std::span<std::byte> scratch) {
  if constexpr (std::is_same_v<T, float>)
    return float_taps(in, out, scratch);
  else
    return fixed_taps(in, out, scratch);
}

template <class T>
void horizontal(const T* from, Extent extent, int width, std::span<std::byte> scratch, T* to) {
  const auto taps = make_taps<T>(extent.width, width, scratch);
  for (int y = 0; y < extent.height; ++y) {
    horizontal_row(from, taps, to);
    from += static_cast<std::ptrdiff_t>(extent.width) * kChannels;
    to += static_cast<std::ptrdiff_t>(width) * kChannels;
  }
}

template <class T>
void vertical(const T* from, Extent extent, int height, std::span<std::byte> scratch, T* to) {
  const auto taps = make_taps<T>(extent.height, height, scratch);
  const std::size_t length = static_cast<std::size_t>(extent.width) * kChannels;
  for (std::size_t y = 0; y < taps.ranges.size(); ++y, to += length)
    vertical_row(from, length, taps.ranges[y], taps.of(y), to);
}

// One axis' taps at a time.
std::size_t both_taps_bytes(Extent before, Extent after) {
  return std::max(taps_bytes(before.width, after.width), taps_bytes(before.height, after.height));
}

template <class T>
void resize(const T* from, Extent before, std::span<std::byte> scratch, T* to, Extent after) {
  if (after.width == before.width) return vertical(from, before, after.height, scratch, to);
  if (after.height == before.height) return horizontal(from, before, after.width, scratch, to);
  const Extent between{after.width, before.height};
  const auto taps = take_scratch<std::byte>(scratch, both_taps_bytes(before, after));
  const auto rows =
      take_scratch<T>(scratch, static_cast<std::size_t>(between.pixels()) * kChannels);
  horizontal(from, before, after.width, taps, rows.data());
  vertical(rows.data(), between, after.height, taps, to);
}

}  // namespace

void resize_antialias(ConstImageView from, ImageView to, std::span<std::byte> scratch) {
  assert(from.type == to.type && from.extent != to.extent);
  if (from.type == PixelType::u8)
    resize(from.u8(0), from.extent, scratch, to.u8(0), to.extent);
  else
    resize(from.f32(0), from.extent, scratch, to.f32(0), to.extent);
}

std::size_t antialias_scratch_bytes(Extent from, Extent to, PixelType type) {
  if (to.width == from.width) return taps_bytes(from.height, to.height);
  if (to.height == from.height) return taps_bytes(from.width, to.width);
  return both_taps_bytes(from, to) + image_bytes({to.width, from.height}, type);
}

}  // namespace sluice::augment
