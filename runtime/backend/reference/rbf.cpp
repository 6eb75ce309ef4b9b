#include "runtime/backend/reference/rbf.h"

#include <algorithm>

namespace sluice::reference {
namespace {

struct Sizes {
  std::size_t rows;
  std::size_t in;
  std::size_t classes;

  explicit Sizes(const BatchShapes& shapes)
      : rows(static_cast<std::size_t>(shapes.rows)),
        in(static_cast<std::size_t>(shapes.in.elements())),
        classes(static_cast<std::size_t>(shapes.out.elements())) {}
};

template <class T>
double away(const Rbf& rbf, std::size_t c, std::size_t i, T x) {
  return static_cast<double>(x) - static_cast<double>(rbf.codes[c][i]);
}

}  // namespace

template <class T>
void rbf_forward(const Rbf& rbf, const BatchShapes& shapes, std::span<const T> in,
                 std::span<T> scores) {
  const Sizes n(shapes);
  for (std::size_t row = 0; row < n.rows; ++row) {
    for (std::size_t c = 0; c < n.classes; ++c) {
      double sum = 0.0;
      for (std::size_t i = 0; i < n.in; ++i) {
        const double apart = away(rbf, c, i, in[row * n.in + i]);
        sum += apart * apart;
      }
      scores[row * n.classes + c] = static_cast<T>(-sum);
    }
  }
}

template <class T>
void rbf_backward(const Rbf& rbf, const BatchShapes& shapes, std::span<const T> in,
                  std::span<const T> score_gradient, std::span<T> in_gradient) {
  const Sizes n(shapes);
  for (std::size_t row = 0; row < n.rows; ++row) {
    for (std::size_t i = 0; i < n.in; ++i) {
      double sum = 0.0;
      for (std::size_t c = 0; c < n.classes; ++c) {
        sum += away(rbf, c, i, in[row * n.in + i]) *
               static_cast<double>(score_gradient[row * n.classes + c]);
      }
      in_gradient[row * n.in + i] = static_cast<T>(-2.0 * sum);
    }
  }
}

template <class T>
void rbf_curvature(const BatchShapes& shapes, const Targets& targets, std::span<T> in_curvature) {
  const Sizes n(shapes);
  for (std::size_t row = 0; row < n.rows; ++row) {
    std::fill_n(in_curvature.begin() + static_cast<std::ptrdiff_t>(row * n.in), n.in,
                static_cast<T>(2.0F * targets.row_weights[row]));
  }
}

template void rbf_forward<float>(const Rbf&, const BatchShapes&, std::span<const float>,
                                 std::span<float>);
template void rbf_backward<float>(const Rbf&, const BatchShapes&, std::span<const float>,
                                  std::span<const float>, std::span<float>);
template void rbf_curvature<float>(const BatchShapes&, const Targets&, std::span<float>);
template void rbf_forward<double>(const Rbf&, const BatchShapes&, std::span<const double>,
                                  std::span<double>);
template void rbf_backward<double>(const Rbf&, const BatchShapes&, std::span<const double>,
                                   std::span<const double>, std::span<double>);
template void rbf_curvature<double>(const BatchShapes&, const Targets&, std::span<double>);

}  // namespace sluice::reference
