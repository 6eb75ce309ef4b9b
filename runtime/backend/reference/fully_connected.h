// out[f] = bias[f] + sum of weight[f][i] * in[i].
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

template <class T>
void fully_connected_forward(const BatchShapes& shapes, std::span<const T> in,
                             std::span<const T> weights, std::span<const T> biases,
                             std::span<T> out);

template <class T>
void fully_connected_backward_input(const BatchShapes& shapes, std::span<const T> out_gradient,
                                    std::span<const T> weights, std::span<T> in_gradient);

// Sums over rows.
template <class T>
void fully_connected_backward_weights(const BatchShapes& shapes, std::span<const T> in,
                                      std::span<const T> out_gradient,
                                      std::span<T> weight_gradient);

template <class T>
void fully_connected_backward_biases(const BatchShapes& shapes, std::span<const T> out_gradient,
                                     std::span<T> bias_gradient);

}  // namespace sluice::reference
