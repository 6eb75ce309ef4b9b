// Convolution by its definition: out[o] = bias + sum of in[i] * weight[w] over all products.
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

template <class T>
void conv2d_forward(const Conv2d& conv, const BatchShapes& shapes, std::span<const T> in,
                    std::span<const T> weights, std::span<const T> biases, std::span<T> out);

template <class T>
void conv2d_backward_input(const Conv2d& conv, const BatchShapes& shapes,
                           std::span<const T> out_gradient, std::span<const T> weights,
                           std::span<T> in_gradient);

// Sums over rows.
template <class T>
void conv2d_backward_weights(const Conv2d& conv, const BatchShapes& shapes, std::span<const T> in,
                             std::span<const T> out_gradient, std::span<T> weight_gradient);
template <class T>
void conv2d_backward_biases(const BatchShapes& shapes, std::span<const T> out_gradient,
                            std::span<T> bias_gradient);

}  // namespace sluice::reference
