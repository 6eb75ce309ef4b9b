// Convolution by a table of connections: out map o = bias + sum over the input maps it sees of
// kernel * map. Stride 1, no padding.
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

template <class T>
void partial_conv2d_forward(const PartialConv2d& conv, const BatchShapes& shapes,
                            std::span<const T> in, std::span<const T> weights,
                            std::span<const T> biases, std::span<T> out);

template <class T>
void partial_conv2d_backward_input(const PartialConv2d& conv, const BatchShapes& shapes,
                                   std::span<const T> out_gradient, std::span<const T> weights,
                                   std::span<T> in_gradient);

// Sums over rows. Biases: those of conv2d.h.
template <class T>
void partial_conv2d_backward_weights(const PartialConv2d& conv, const BatchShapes& shapes,
                                     std::span<const T> in, std::span<const T> out_gradient,
                                     std::span<T> weight_gradient);

}  // namespace sluice::reference
