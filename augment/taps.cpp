#include "augment/taps.h"

#include <algorithm>
#include <cmath>

#include "augment/scratch.h"

namespace sluice::augment {
namespace {

// Input pixels an output pixel, and the triangle's half-width.
struct Triangle {
  double scale = 1;
  double support = 1;
  std::size_t stride = 0;
};

Triangle triangle_of(const TapAxis& axis) {
  const double scale = static_cast<double>(axis.in) / axis.out;
  const double support = std::max(scale, 1.0);
  return {scale, support, static_cast<std::size_t>(std::ceil(support)) * 2 + 1};
}

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

double centre_of(const Triangle& along, int output) { return (output + 0.5) * along.scale; }

TapRange range_of(const Triangle& along, int in, int output) {
  const double centre = centre_of(along, output);
  const int first = std::max(0, static_cast<int>(centre - along.support + 0.5));
  const int end = std::min(in, static_cast<int>(centre + along.support + 0.5));
  return {first, end - first};
}

// Every operation in Pillow's order, so that the weights have the same bits.
TapRange normalised(const Triangle& along, int in, int output, std::span<double> weights) {
  const double centre = centre_of(along, output);
  const auto [first, count] = range_of(along, in, output);
  const double narrow = 1.0 / along.support;
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    const double weight = triangle((first + i - centre + 0.5) * narrow);
    weights[static_cast<std::size_t>(i)] = weight;
    sum += weight;
  }
  if (sum != 0)
    for (int i = 0; i < count; ++i) weights[static_cast<std::size_t>(i)] /= sum;
  return {first, count};
}

template <class Weight, class Convert>
Taps<Weight> taps(const TapAxis& axis, std::span<std::byte> scratch, Convert convert) {
  static_assert(sizeof(Weight) == sizeof(std::int32_t));  // taps_bytes counts on it
  const Triangle along = triangle_of(axis);
  const auto outputs = static_cast<std::size_t>(axis.end - axis.first);
  const auto exact = take_scratch<double>(scratch, along.stride);
  const auto ranges = take_scratch<TapRange>(scratch, outputs);
  const auto weights = take_scratch<Weight>(scratch, outputs * along.stride);
  for (std::size_t x = 0; x < outputs; ++x) {
    ranges[x] = normalised(along, axis.in, axis.first + static_cast<int>(x), exact);
    Weight* to = weights.data() + x * along.stride;
    for (std::size_t i = 0; i < static_cast<std::size_t>(ranges[x].count); ++i)
      to[i] = convert(exact[i]);
    ranges[x].first -= axis.origin;
  }
  return {along.stride, ranges, weights};
}

}  // namespace

Taps<std::int32_t> fixed_taps(const TapAxis& axis, std::span<std::byte> scratch) {
  return taps<std::int32_t>(axis, scratch, [](double weight) {
    return static_cast<std::int32_t>(0.5 + weight * (1 << kWeightBits));
  });
}

Taps<float> float_taps(const TapAxis& axis, std::span<std::byte> scratch) {
  return taps<float>(axis, scratch, [](double weight) { return static_cast<float>(weight); });
}

TapRange taps_range(const TapAxis& axis) {
  const Triangle along = triangle_of(axis);
  const TapRange first = range_of(along, axis.in, axis.first);
  const TapRange last = range_of(along, axis.in, axis.end - 1);
  return {first.first, last.first + last.count - first.first};
}

int taps_stride(const TapAxis& axis) { return static_cast<int>(triangle_of(axis).stride); }

std::size_t taps_bytes(const TapAxis& axis) {
  const std::size_t stride = triangle_of(axis).stride;
  const std::size_t per_output = sizeof(TapRange) + stride * sizeof(std::int32_t);
  const std::size_t bytes =
      static_cast<std::size_t>(axis.end - axis.first) * per_output + stride * sizeof(double);
  return (bytes + 7) / 8 * 8;  // whatever is cut next may hold doubles
}

}  // namespace sluice::augment
