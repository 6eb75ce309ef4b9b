#include "runtime/backend/reference/fully_connected.h"

namespace sluice::reference {
namespace {

struct Sizes {
  std::size_t rows;
  std::size_t in;
  std::size_t out;

  explicit Sizes(const BatchShapes& shapes)
      : rows(static_cast<std::size_t>(shapes.rows)),
        in(static_cast<std::size_t>(shapes.in.elements())),
        out(static_cast<std::size_t>(shapes.out.elements())) {}
};

// Sum over count of a[i * a_step] * b[i * b_step].
template <class T>
struct Strided {
  const T* first;
  std::size_t step;
};

template <class T>
double dot(std::size_t count, Strided<T> a, Strided<T> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += static_cast<double>(a.first[i * a.step]) * static_cast<double>(b.first[i * b.step]);
  }
  return sum;
}

}  // namespace

template <class T>
void fully_connected_forward(const BatchShapes& shapes, std::span<const T> in,
                             std::span<const T> weights, std::span<const T> biases,
                             std::span<T> out) {
  const Sizes n(shapes);
  for (std::size_t row = 0; row < n.rows; ++row) {
    for (std::size_t f = 0; f < n.out; ++f) {
      const double sum = dot<T>(n.in, {&in[row * n.in], 1}, {&weights[f * n.in], 1});
      out[row * n.out + f] = static_cast<T>(static_cast<double>(biases[f]) + sum);
    }
  }
}

template <class T>
void fully_connected_backward_input(const BatchShapes& shapes, std::span<const T> out_gradient,
                                    std::span<const T> weights, std::span<T> in_gradient) {
  const Sizes n(shapes);
  for (std::size_t row = 0; row < n.rows; ++row) {
    for (std::size_t i = 0; i < n.in; ++i) {
      in_gradient[row * n.in + i] =
          static_cast<T>(dot<T>(n.out, {&out_gradient[row * n.out], 1}, {&weights[i], n.in}));
    }
  }
}

template <class T>
void fully_connected_backward_weights(const BatchShapes& shapes, std::span<const T> in,
                                      std::span<const T> out_gradient,
                                      std::span<T> weight_gradient) {
  const Sizes n(shapes);
  for (std::size_t f = 0; f < n.out; ++f) {
    for (std::size_t i = 0; i < n.in; ++i) {
      weight_gradient[f * n.in + i] =
          static_cast<T>(dot<T>(n.rows, {&out_gradient[f], n.out}, {&in[i], n.in}));
    }
  }
}

template <class T>
void fully_connected_backward_biases(const BatchShapes& shapes, std::span<const T> out_gradient,
                                     std::span<T> bias_gradient) {
  const Sizes n(shapes);
  for (std::size_t f = 0; f < n.out; ++f) {
    double sum = 0.0;
    for (std::size_t row = 0; row < n.rows; ++row) {
      sum += static_cast<double>(out_gradient[row * n.out + f]);
    }
    bias_gradient[f] = static_cast<T>(sum);
  }
}

template void fully_connected_forward<float>(const BatchShapes&, std::span<const float>,
                                             std::span<const float>, std::span<const float>,
                                             std::span<float>);
template void fully_connected_backward_input<float>(const BatchShapes&, std::span<const float>,
                                                    std::span<const float>, std::span<float>);
template void fully_connected_backward_weights<float>(const BatchShapes&, std::span<const float>,
                                                      std::span<const float>, std::span<float>);
template void fully_connected_backward_biases<float>(const BatchShapes&, std::span<const float>,
                                                     std::span<float>);
template void fully_connected_forward<double>(const BatchShapes&, std::span<const double>,
                                              std::span<const double>, std::span<const double>,
                                              std::span<double>);
template void fully_connected_backward_input<double>(const BatchShapes&, std::span<const double>,
                                                     std::span<const double>, std::span<double>);
template void fully_connected_backward_weights<double>(const BatchShapes&, std::span<const double>,
                                                       std::span<const double>, std::span<double>);
template void fully_connected_backward_biases<double>(const BatchShapes&, std::span<const double>,
                                                      std::span<double>);

}  // namespace sluice::reference
