#include "runtime/backend/reference/subsample.h"

#include <vector>

namespace sluice::reference {
namespace {

struct Sizes {
  std::size_t maps;
  std::size_t side;
  std::size_t out_side;

  explicit Sizes(const BatchShapes& shapes)
      : maps(static_cast<std::size_t>(shapes.in[0])),
        side(static_cast<std::size_t>(shapes.in[1])),
        out_side(static_cast<std::size_t>(shapes.out[1])) {}

  // The output whose window holds input `i` of the batch, and the map both stand in.
  std::size_t output_of(std::size_t i) const {
    const std::size_t window = side / out_side;
    const std::size_t plane = i / (side * side), y = i / side % side, x = i % side;
    return (plane * out_side + y / window) * out_side + x / window;
  }
  std::size_t map_of_output(std::size_t o) const { return o / (out_side * out_side) % maps; }
};

template <class T>
std::vector<double> window_sums(const Sizes& n, const BatchShapes& shapes, std::span<const T> in) {
  std::vector<double> sums(shapes.out_elements());
  for (std::size_t i = 0; i < in.size(); ++i) sums[n.output_of(i)] += static_cast<double>(in[i]);
  return sums;
}

// values[map] = sum over outputs of weight(window's sum) * outer[output].
template <class T, class Weight>
void sum_by_map(const BatchShapes& shapes, std::span<const T> in, std::span<const T> outer,
                const Weight& weight, std::span<T> values) {
  const Sizes n(shapes);
  const std::vector<double> windows = window_sums(n, shapes, in);
  std::vector<double> sums(values.size());
  for (std::size_t o = 0; o < windows.size(); ++o) {
    sums[n.map_of_output(o)] += weight(windows[o]) * static_cast<double>(outer[o]);
  }
  for (std::size_t map = 0; map < sums.size(); ++map) values[map] = static_cast<T>(sums[map]);
}

}  // namespace

template <class T>
void subsample_forward(const BatchShapes& shapes, std::span<const T> in,
                       std::span<const T> coefficients, std::span<const T> biases,
                       std::span<T> out) {
  const Sizes n(shapes);
  const std::vector<double> sums = window_sums(n, shapes, in);
  for (std::size_t o = 0; o < sums.size(); ++o) {
    const std::size_t map = n.map_of_output(o);
    out[o] = static_cast<T>(static_cast<double>(coefficients[map]) * sums[o] +
                            static_cast<double>(biases[map]));
  }
}

template <class T>
void subsample_backward_input(const BatchShapes& shapes, std::span<const T> out_gradient,
                              std::span<const T> coefficients, std::span<T> in_gradient) {
  const Sizes n(shapes);
  for (std::size_t i = 0; i < in_gradient.size(); ++i) {
    const std::size_t o = n.output_of(i);
    in_gradient[i] = static_cast<T>(static_cast<double>(out_gradient[o]) *
                                    static_cast<double>(coefficients[n.map_of_output(o)]));
  }
}

template <class T>
void subsample_backward_coefficients(const BatchShapes& shapes, std::span<const T> in,
                                     std::span<const T> out_gradient,
                                     std::span<T> coefficient_gradient) {
  sum_by_map(
      shapes, in, out_gradient, [](double sum) { return sum; }, coefficient_gradient);
}

template <class T>
void subsample_curvature_coefficients(const BatchShapes& shapes, std::span<const T> in,
                                      std::span<const T> out_curvature,
                                      std::span<T> coefficient_curvature) {
  sum_by_map(
      shapes, in, out_curvature, [](double sum) { return sum * sum; }, coefficient_curvature);
}

template void subsample_forward<float>(const BatchShapes&, std::span<const float>,
                                       std::span<const float>, std::span<const float>,
                                       std::span<float>);
template void subsample_backward_input<float>(const BatchShapes&, std::span<const float>,
                                              std::span<const float>, std::span<float>);
template void subsample_backward_coefficients<float>(const BatchShapes&, std::span<const float>,
                                                     std::span<const float>, std::span<float>);
template void subsample_curvature_coefficients<float>(const BatchShapes&, std::span<const float>,
                                                      std::span<const float>, std::span<float>);
template void subsample_forward<double>(const BatchShapes&, std::span<const double>,
                                        std::span<const double>, std::span<const double>,
                                        std::span<double>);
template void subsample_backward_input<double>(const BatchShapes&, std::span<const double>,
                                               std::span<const double>, std::span<double>);
template void subsample_backward_coefficients<double>(const BatchShapes&, std::span<const double>,
                                                      std::span<const double>, std::span<double>);
template void subsample_curvature_coefficients<double>(const BatchShapes&, std::span<const double>,
                                                       std::span<const double>, std::span<double>);

}  // namespace sluice::reference
