// Normal numbers of two random words: Box and Muller's method in float, with series that need only
// sums, products, a quotient and a root, so that vectors and single values get the same bits. The
// error is below 1e-5.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace sluice::augment {

inline constexpr float kLogOf2 = 0.69314718F;
// log(m) = 2 s (1 + s^2 / 3 + s^4 / 5 + ...), s = (m - 1) / (m + 1), for m in [2/3, 4/3), so that
// logarithms near 0 keep their digits.
inline constexpr std::int32_t kLeastMantissa = 0x3F2AAAAB;  // the bits of 2/3
inline constexpr std::array<float, 5> kLogSeries = {2.0F / 9, 2.0F / 7, 2.0F / 5, 2.0F / 3, 2.0F};
// sin(pi x) / x and cos(pi x) of x^2, for x in [-1/2, 1/2], highest power first.
inline constexpr std::array<float, 6> kSineSeries = {-0.0073704309F, 0.0821458866F,  -0.5992645293F,
                                                     2.5501640399F,  -5.1677127800F, 3.1415926536F};
inline constexpr std::array<float, 7> kCosineSeries = {
    0.0019295743F, -0.0258068914F, 0.2353306304F, -1.3352627689F,
    4.0587121264F, -4.9348022005F, 1.0F};

template <std::size_t kCount>
float series(const std::array<float, kCount>& factors, float x) {
  float sum = factors[0];
  for (std::size_t i = 1; i < kCount; ++i) sum = sum * x + factors[i];
  return sum;
}

struct TwoNormals {
  float first = 0;
  float second = 0;
};

// radius = sqrt(-2 log u) of u = ((word >> 8) + 1) / 2^24; the angle is the other word's upper 24
// bits as a part of a turn, less half a turn, reached by doubling its half.
inline TwoNormals two_normals(std::uint32_t length, std::uint32_t angle) {
  const float u = static_cast<float>((length >> 8) + 1) * 0x1p-24F;
  const auto bits = std::bit_cast<std::int32_t>(u);
  const std::int32_t exponent = (bits - kLeastMantissa) >> 23;
  const float mantissa = std::bit_cast<float>(bits - exponent * (1 << 23));
  const float s = (mantissa - 1) / (mantissa + 1);
  const float log = static_cast<float>(exponent) * kLogOf2 + series(kLogSeries, s * s) * s;
  const float radius = std::sqrt(std::max(-2 * log, 0.0F));
  const float x = static_cast<float>(angle >> 8) * 0x1p-24F - 0.5F;
  const float sine = series(kSineSeries, x * x) * x;
  const float cosine = series(kCosineSeries, x * x);
  return {radius * (1 - 2 * (sine * sine)), radius * (2 * (sine * cosine))};
}

}  // namespace sluice::augment
