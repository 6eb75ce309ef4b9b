#include "augment/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "augment/scratch.h"

namespace sluice::augment {
namespace {

// Input pixels an output pixel, the curve's widening and its half-width afterwards.
struct Curve {
  double scale = 1;
  double widened = 1;
  double support = 1;
  std::size_t stride = 0;
};

double half_width(Kernel kernel) {
  switch (kernel) {
    case Kernel::cubic:
      return 2;
    case Kernel::lanczos:
      return 3;
    default:
      return 1;
  }
}

Curve curve_of(const TapAxis& axis) {
  const double scale = static_cast<double>(axis.in) / axis.out;
  const double widened = std::max(scale, 1.0);
  const double support = half_width(axis.kernel) * widened;
  return {scale, widened, support, static_cast<std::size_t>(std::ceil(support)) * 2 + 1};
}

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

// Keys, "Cubic convolution interpolation for digital image processing", 1981; in Pillow's order of
// operations.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

double height(Kernel kernel, double x) {
  switch (kernel) {
    case Kernel::cubic:
      return cubic(x);
    case Kernel::lanczos:
      return lanczos(x);
    default:
      return triangle(x);
  }
}

double centre_of(const Curve& along, int output) { return (output + 0.5) * along.scale; }

// Output pixel x covers the input from x * in / out to (x + 1) * in / out.
TapRange covered(const TapAxis& axis, int output) {
  const std::int64_t begin = std::int64_t{output} * axis.in;
  const auto first = static_cast<int>(begin / axis.out);
  const auto end = static_cast<int>((begin + axis.in + axis.out - 1) / axis.out);
  return {first, end - first};
}

TapRange range_of(const TapAxis& axis, const Curve& along, int output) {
  if (axis.kernel == Kernel::area) return covered(axis, output);
  const double centre = centre_of(along, output);
  const int first = std::max(0, static_cast<int>(centre - along.support + 0.5));
  const int end = std::min(axis.in, static_cast<int>(centre + along.support + 0.5));
  return {first, end - first};
}

// In units of 1 / out input pixels everything is whole.
TapRange area_weights(const TapAxis& axis, int output, std::span<double> weights) {
  const TapRange range = covered(axis, output);
  const std::int64_t begin = std::int64_t{output} * axis.in, end = begin + axis.in;
  for (int i = 0; i < range.count; ++i) {
    const std::int64_t pixel = std::int64_t{range.first + i} * axis.out;
    const std::int64_t overlap = std::min(pixel + axis.out, end) - std::max(pixel, begin);
    weights[static_cast<std::size_t>(i)] = static_cast<double>(overlap) / axis.in;
  }
  return range;
}

// Every operation in Pillow's order, so that the weights have the same bits.
TapRange normalised(const TapAxis& axis, const Curve& along, int output,
                    std::span<double> weights) {
  if (axis.kernel == Kernel::area) return area_weights(axis, output, weights);
  const double centre = centre_of(along, output);
  const auto [first, count] = range_of(axis, along, output);
  const double narrow = 1.0 / along.widened;
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    const double weight = height(axis.kernel, (first + i - centre + 0.5) * narrow);
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
  const Curve along = curve_of(axis);
  const auto outputs = static_cast<std::size_t>(axis.end - axis.first);
  const auto exact = take_scratch<double>(scratch, along.stride);
  const auto ranges = take_scratch<TapRange>(scratch, outputs);
  const auto weights = take_scratch<Weight>(scratch, outputs * along.stride);
  for (std::size_t x = 0; x < outputs; ++x) {
    ranges[x] = normalised(axis, along, axis.first + static_cast<int>(x), exact);
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
    return static_cast<std::int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kWeightBits));
  });
}

Taps<float> float_taps(const TapAxis& axis, std::span<std::byte> scratch) {
  return taps<float>(axis, scratch, [](double weight) { return static_cast<float>(weight); });
}

TapRange taps_range(const TapAxis& axis) {
  const Curve along = curve_of(axis);
  const TapRange first = range_of(axis, along, axis.first);
  const TapRange last = range_of(axis, along, axis.end - 1);
  return {first.first, last.first + last.count - first.first};
}

int taps_stride(const TapAxis& axis) { return static_cast<int>(curve_of(axis).stride); }

std::size_t taps_bytes(const TapAxis& axis) {
  const std::size_t stride = curve_of(axis).stride;
  const std::size_t per_output = sizeof(TapRange) + stride * sizeof(std::int32_t);
  const std::size_t bytes =
      static_cast<std::size_t>(axis.end - axis.first) * per_output + stride * sizeof(double);
  return (bytes + 7) / 8 * 8;  // whatever is cut next may hold doubles
}

}  // namespace sluice::augment
