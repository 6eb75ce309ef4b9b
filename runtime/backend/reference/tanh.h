// amplitude * tanh(slope * x).
#pragma once

#include <span>

#include "runtime/net/layer_spec.h"

namespace sluice::reference {

template <class T>
void tanh_forward(const Tanh& tanh, std::span<const T> in, std::span<T> out);

template <class T>
void tanh_backward(const Tanh& tanh, std::span<const T> in, std::span<const T> out_gradient,
                   std::span<T> in_gradient);

// The derivative's square times the output's second derivative (curvature.h).
template <class T>
void tanh_curvature(const Tanh& tanh, std::span<const T> in, std::span<const T> out_curvature,
                    std::span<T> in_curvature);

}  // namespace sluice::reference
