#include "runtime/backend/reference/same_map_lrn.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice::reference {
namespace {

struct Sides {
  std::int64_t height, width;
};

Sides sides_of(const BatchShapes& shapes) { return {shapes.in[1], shapes.in[2]}; }

double alpha_of_one(const SameMapLrn& lrn) { return lrn.alpha / (lrn.size * lrn.size); }

// Sum of values over the window around pixel `at` of a plane.
double window_sum(const SameMapLrn& lrn, Sides sides, std::span<const double> values,
                  std::int64_t at) {
  const std::int64_t y = at / sides.width, x = at % sides.width, reach = lrn.size / 2;
  double sum = 0.0;
  for (std::int64_t j = std::max(y - reach, std::int64_t{0});
       j <= std::min(y + reach, sides.height - 1); ++j) {
    for (std::int64_t i = std::max(x - reach, std::int64_t{0});
         i <= std::min(x + reach, sides.width - 1); ++i) {
      sum += values[static_cast<std::size_t>(j * sides.width + i)];
    }
  }
  return sum;
}

// Window sums of value(pixel) for each pixel of a plane.
template <class Value>
std::vector<double> window_sums(const SameMapLrn& lrn, Sides sides, const Value& value) {
  std::vector<double> values(static_cast<std::size_t>(sides.height * sides.width));
  for (std::size_t p = 0; p < values.size(); ++p) values[p] = value(p);
  std::vector<double> sums(values.size());
  for (std::size_t p = 0; p < values.size(); ++p) {
    sums[p] = window_sum(lrn, sides, values, static_cast<std::int64_t>(p));
  }
  return sums;
}

template <class T>
std::vector<double> scales(const SameMapLrn& lrn, Sides sides, std::span<const T> a) {
  std::vector<double> s = window_sums(lrn, sides, [&](std::size_t p) {
    return static_cast<double>(a[p]) * static_cast<double>(a[p]);
  });
  for (double& scale : s) scale = lrn.k + alpha_of_one(lrn) * scale;
  return s;
}

// Calls f(first element, elements) for each map of each row.
template <class F>
void for_each_plane(const BatchShapes& shapes, const F& f) {
  const auto plane = static_cast<std::size_t>(shapes.in[1] * shapes.in[2]);
  for (std::size_t first = 0; first < shapes.in_elements(); first += plane) f(first, plane);
}

}  // namespace

template <class T>
void same_map_lrn_forward(const SameMapLrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                          std::span<T> out) {
  for_each_plane(shapes, [&](std::size_t first, std::size_t plane) {
    const std::span<const T> a = in.subspan(first, plane);
    const std::vector<double> s = scales(lrn, sides_of(shapes), a);
    for (std::size_t p = 0; p < plane; ++p) {
      out[first + p] = static_cast<T>(static_cast<double>(a[p]) * std::pow(s[p], -lrn.beta));
    }
  });
}

template <class T>
void same_map_lrn_backward(const SameMapLrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                           std::span<const T> out_gradient, std::span<T> in_gradient) {
  for_each_plane(shapes, [&](std::size_t first, std::size_t plane) {
    const std::span<const T> a = in.subspan(first, plane);
    const std::span<const T> g = out_gradient.subspan(first, plane);
    const std::vector<double> s = scales(lrn, sides_of(shapes), a);
    const std::vector<double> sums = window_sums(lrn, sides_of(shapes), [&](std::size_t p) {
      return static_cast<double>(g[p]) * static_cast<double>(a[p]) *
             std::pow(s[p], -lrn.beta - 1.0);
    });
    const double factor = 2.0 * alpha_of_one(lrn) * lrn.beta;
    for (std::size_t p = 0; p < plane; ++p) {
      in_gradient[first + p] =
          static_cast<T>(static_cast<double>(g[p]) * std::pow(s[p], -lrn.beta) -
                         factor * static_cast<double>(a[p]) * sums[p]);
    }
  });
}

template void same_map_lrn_forward<float>(const SameMapLrn&, const BatchShapes&,
                                          std::span<const float>, std::span<float>);
template void same_map_lrn_backward<float>(const SameMapLrn&, const BatchShapes&,
                                           std::span<const float>, std::span<const float>,
                                           std::span<float>);
template void same_map_lrn_forward<double>(const SameMapLrn&, const BatchShapes&,
                                           std::span<const double>, std::span<double>);
template void same_map_lrn_backward<double>(const SameMapLrn&, const BatchShapes&,
                                            std::span<const double>, std::span<const double>,
                                            std::span<double>);

}  // namespace sluice::reference
