// What convolutions share: each is a list of products of one row, and forward and both backwards
// visit the same list; only what is summed differs.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

// Where one product of a row stands: out[out] += in[in] * weights[weight].
struct Product {
  std::size_t out;
  std::size_t in;
  std::size_t weight;
};

template <class T>
void store_sums(const std::vector<double>& sums, std::span<T> values) {
  std::ranges::transform(sums, values.begin(), [](double sum) { return static_cast<T>(sum); });
}

// `visit_products(visit)` calls visit(Product) for each product of a row, here and below.
// A bias belongs to an output map.
template <class T, class VisitProducts>
void products_forward(const BatchShapes& shapes, const VisitProducts& visit_products,
                      std::span<const T> in, std::span<const T> weights, std::span<const T> biases,
                      std::span<T> out) {
  const auto in_row = static_cast<std::size_t>(shapes.in.elements());
  const auto out_row = static_cast<std::size_t>(shapes.out.elements());
  const std::size_t plane = out_row / biases.size();
  std::vector<double> sums(out_row);
  for (std::size_t row = 0; row < static_cast<std::size_t>(shapes.rows); ++row) {
    const std::span<const T> x = in.subspan(row * in_row, in_row);
    for (std::size_t i = 0; i < out_row; ++i) sums[i] = static_cast<double>(biases[i / plane]);
    visit_products([&](const Product& p) {
      sums[p.out] += static_cast<double>(x[p.in]) * static_cast<double>(weights[p.weight]);
    });
    store_sums(sums, out.subspan(row * out_row, out_row));
  }
}

template <class T, class VisitProducts>
void products_backward_input(const BatchShapes& shapes, const VisitProducts& visit_products,
                             std::span<const T> out_gradient, std::span<const T> weights,
                             std::span<T> in_gradient) {
  const auto in_row = static_cast<std::size_t>(shapes.in.elements());
  const auto out_row = static_cast<std::size_t>(shapes.out.elements());
  std::vector<double> sums(in_row);
  for (std::size_t row = 0; row < static_cast<std::size_t>(shapes.rows); ++row) {
    const std::span<const T> g = out_gradient.subspan(row * out_row, out_row);
    std::ranges::fill(sums, 0.0);
    visit_products([&](const Product& p) {
      sums[p.in] += static_cast<double>(g[p.out]) * static_cast<double>(weights[p.weight]);
    });
    store_sums(sums, in_gradient.subspan(row * in_row, in_row));
  }
}

// Sums over rows.
template <class T, class VisitProducts>
void products_backward_weights(const BatchShapes& shapes, const VisitProducts& visit_products,
                               std::span<const T> in, std::span<const T> out_gradient,
                               std::span<T> weight_gradient) {
  const auto in_row = static_cast<std::size_t>(shapes.in.elements());
  const auto out_row = static_cast<std::size_t>(shapes.out.elements());
  std::vector<double> sums(weight_gradient.size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(shapes.rows); ++row) {
    const std::span<const T> x = in.subspan(row * in_row, in_row);
    const std::span<const T> g = out_gradient.subspan(row * out_row, out_row);
    visit_products([&](const Product& p) {
      sums[p.weight] += static_cast<double>(g[p.out]) * static_cast<double>(x[p.in]);
    });
  }
  store_sums(sums, weight_gradient);
}

}  // namespace sluice::reference
