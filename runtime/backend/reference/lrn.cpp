#include "runtime/backend/reference/lrn.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice::reference {
namespace {

double alpha_of_one(const Lrn& lrn) {
  return lrn.reading == Lrn::Alpha::window ? lrn.alpha / lrn.size : lrn.alpha;
}

// The maps of a window: [first, end), clipped to the tower.
struct Window {
  std::int64_t first;
  std::int64_t end;
};

Window window_of(const Lrn& lrn, std::int64_t channels, std::int64_t c) {
  const std::int64_t tower = channels / lrn.towers;
  const std::int64_t tower_first = c / tower * tower;
  return {std::max(c - lrn.size / 2, tower_first),
          std::min(c + lrn.size / 2 + 1, tower_first + tower)};
}

// Sum of f(j) over the window of map c.
template <class F>
double window_sum(const Lrn& lrn, std::int64_t channels, std::int64_t c, const F& f) {
  double sum = 0.0;
  const Window window = window_of(lrn, channels, c);
  for (std::int64_t j = window.first; j < window.end; ++j) sum += f(static_cast<std::size_t>(j));
  return sum;
}

// One pixel position of one row: its value in map c is base[c * plane].
template <class T>
struct Column {
  T* base;
  std::size_t plane;
  T& operator[](std::size_t c) const { return base[c * plane]; }
};

// Calls f(offset of the column) for each pixel position of each row.
template <class F>
void for_each_column(const BatchShapes& shapes, const F& f) {
  const auto row_elements = static_cast<std::size_t>(shapes.in.elements());
  const std::size_t plane = row_elements / static_cast<std::size_t>(shapes.in[0]);
  for (std::size_t row = 0; row < static_cast<std::size_t>(shapes.rows); ++row) {
    for (std::size_t pixel = 0; pixel < plane; ++pixel) f(row * row_elements + pixel, plane);
  }
}

template <class T>
std::vector<double> scales(const Lrn& lrn, std::int64_t channels, Column<const T> a) {
  std::vector<double> scale(static_cast<std::size_t>(channels));
  for (std::int64_t c = 0; c < channels; ++c) {
    const double sum = window_sum(lrn, channels, c, [&](std::size_t j) {
      return static_cast<double>(a[j]) * static_cast<double>(a[j]);
    });
    scale[static_cast<std::size_t>(c)] = lrn.k + alpha_of_one(lrn) * sum;
  }
  return scale;
}

}  // namespace

template <class T>
void lrn_forward(const Lrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                 std::span<T> out) {
  const std::int64_t channels = shapes.in[0];
  for_each_column(shapes, [&](std::size_t offset, std::size_t plane) {
    const Column<const T> a{in.data() + offset, plane};
    const Column<T> b{out.data() + offset, plane};
    const std::vector<double> s = scales(lrn, channels, a);
    for (std::size_t c = 0; c < s.size(); ++c) {
      b[c] = static_cast<T>(static_cast<double>(a[c]) * std::pow(s[c], -lrn.beta));
    }
  });
}

template <class T>
void lrn_backward(const Lrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                  std::span<const T> out_gradient, std::span<T> in_gradient) {
  const std::int64_t channels = shapes.in[0];
  for_each_column(shapes, [&](std::size_t offset, std::size_t plane) {
    const Column<const T> a{in.data() + offset, plane};
    const Column<const T> g{out_gradient.data() + offset, plane};
    const Column<T> da{in_gradient.data() + offset, plane};
    const std::vector<double> s = scales(lrn, channels, a);
    for (std::size_t c = 0; c < s.size(); ++c) {
      const double sum =
          window_sum(lrn, channels, static_cast<std::int64_t>(c), [&](std::size_t j) {
            return static_cast<double>(g[j]) * static_cast<double>(a[j]) *
                   std::pow(s[j], -lrn.beta - 1.0);
          });
      da[c] = static_cast<T>(static_cast<double>(g[c]) * std::pow(s[c], -lrn.beta) -
                             2.0 * alpha_of_one(lrn) * lrn.beta * static_cast<double>(a[c]) * sum);
    }
  });
}

template void lrn_forward<float>(const Lrn&, const BatchShapes&, std::span<const float>,
                                 std::span<float>);
template void lrn_backward<float>(const Lrn&, const BatchShapes&, std::span<const float>,
                                  std::span<const float>, std::span<float>);
template void lrn_forward<double>(const Lrn&, const BatchShapes&, std::span<const double>,
                                  std::span<double>);
template void lrn_backward<double>(const Lrn&, const BatchShapes&, std::span<const double>,
                                   std::span<const double>, std::span<double>);

}  // namespace sluice::reference
