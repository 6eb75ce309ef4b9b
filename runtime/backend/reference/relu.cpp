#include "runtime/backend/reference/relu.h"

namespace sluice::reference {

template <class T>
void relu_forward(std::span<const T> in, std::span<T> out) {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] > T{0} ? in[i] : T{0};
}

template <class T>
void relu_backward(std::span<const T> in, std::span<const T> out_gradient,
                   std::span<T> in_gradient) {
  for (std::size_t i = 0; i < in.size(); ++i)
    in_gradient[i] = in[i] > T{0} ? out_gradient[i] : T{0};
}

template void relu_forward<float>(std::span<const float>, std::span<float>);
template void relu_backward<float>(std::span<const float>, std::span<const float>,
                                   std::span<float>);
template void relu_forward<double>(std::span<const double>, std::span<double>);
template void relu_backward<double>(std::span<const double>, std::span<const double>,
                                    std::span<double>);

}  // namespace sluice::reference
