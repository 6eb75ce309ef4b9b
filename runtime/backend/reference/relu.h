// max(0, x). The gradient at exactly 0 is 0.
#pragma once

#include <span>

namespace sluice::reference {

template <class T>
void relu_forward(std::span<const T> in, std::span<T> out);

template <class T>
void relu_backward(std::span<const T> in, std::span<const T> out_gradient,
                   std::span<T> in_gradient);

}  // namespace sluice::reference
