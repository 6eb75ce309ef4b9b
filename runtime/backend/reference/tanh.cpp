#include "runtime/backend/reference/tanh.h"

#include <cmath>

namespace sluice::reference {
namespace {

double derivative(const Tanh& tanh, double x) {
  const double t = std::tanh(tanh.slope * x);
  return tanh.amplitude * tanh.slope * (1.0 - t * t);
}

}  // namespace

template <class T>
void tanh_forward(const Tanh& tanh, std::span<const T> in, std::span<T> out) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[i] = static_cast<T>(tanh.amplitude * std::tanh(tanh.slope * static_cast<double>(in[i])));
  }
}

template <class T>
void tanh_backward(const Tanh& tanh, std::span<const T> in, std::span<const T> out_gradient,
                   std::span<T> in_gradient) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double slope = derivative(tanh, static_cast<double>(in[i]));
    in_gradient[i] = static_cast<T>(slope * static_cast<double>(out_gradient[i]));
  }
}

template <class T>
void tanh_curvature(const Tanh& tanh, std::span<const T> in, std::span<const T> out_curvature,
                    std::span<T> in_curvature) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double slope = derivative(tanh, static_cast<double>(in[i]));
    in_curvature[i] = static_cast<T>(slope * slope * static_cast<double>(out_curvature[i]));
  }
}

template void tanh_forward<float>(const Tanh&, std::span<const float>, std::span<float>);
template void tanh_backward<float>(const Tanh&, std::span<const float>, std::span<const float>,
                                   std::span<float>);
template void tanh_curvature<float>(const Tanh&, std::span<const float>, std::span<const float>,
                                    std::span<float>);
template void tanh_forward<double>(const Tanh&, std::span<const double>, std::span<double>);
template void tanh_backward<double>(const Tanh&, std::span<const double>, std::span<const double>,
                                    std::span<double>);
template void tanh_curvature<double>(const Tanh&, std::span<const double>, std::span<const double>,
                                     std::span<double>);

}  // namespace sluice::reference
