#include "augment/plain/antialias.h"

#include <algorithm>
#include <array>

#include "runtime/image.h"

namespace sluice::augment::plain {
namespace {

template <class Sum>
constexpr Sum kStart = 0;
template <>
constexpr std::int32_t kStart<std::int32_t> = kWeightHalf;

// Weights may sum to a little more than 1, and some curves go below 0.
void put(std::int32_t sum, std::uint8_t& to) {
  to = static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
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
void vertical_row(const T* from, std::size_t length, int rows, const Weight* weights, T* to) {
  constexpr std::size_t kBlock = 32;
  for (std::size_t begin = 0; begin < length; begin += kBlock) {
    const std::size_t count = std::min(kBlock, length - begin);
    std::array<Weight, kBlock> sums;
    sums.fill(kStart<Weight>);
    const T* row = from + begin;
    for (int i = 0; i < rows; ++i, row += length) {
      if (count == kBlock)
        for (std::size_t j = 0; j < kBlock; ++j) sums[j] += row[j] * weights[i];
      else
        for (std::size_t j = 0; j < count; ++j) sums[j] += row[j] * weights[i];
    }
    for (std::size_t j = 0; j < count; ++j) put(sums[j], to[begin + j]);
  }
}

template <class T>
void all_rows(const HorizontalPass<T>& pass) {
  const T* from = pass.from;
  T* to = pass.to;
  for (int y = 0; y < pass.rows; ++y) {
    horizontal_row(from, pass.taps, to);
    from += static_cast<std::ptrdiff_t>(pass.width) * kChannels;
    to += std::ssize(pass.taps.ranges) * kChannels;
  }
}

template <class T>
void all_rows(const VerticalPass<T>& pass) {
  T* to = pass.to;
  for (std::size_t y = 0; y < pass.taps.ranges.size(); ++y, to += pass.length) {
    const TapRange range = pass.taps.ranges[y];
    const T* from =
        pass.from + static_cast<std::size_t>(range.first - pass.first_row) * pass.length;
    vertical_row(from, pass.length, range.count, pass.taps.of(y), to);
  }
}

}  // namespace

void horizontal(const HorizontalPass<std::uint8_t>& pass) { all_rows(pass); }
void horizontal(const HorizontalPass<float>& pass) { all_rows(pass); }
void vertical(const VerticalPass<std::uint8_t>& pass) { all_rows(pass); }
void vertical(const VerticalPass<float>& pass) { all_rows(pass); }

}  // namespace sluice::augment::plain
