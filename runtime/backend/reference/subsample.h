// One output of map m = coefficient[m] * (sum of a side x side window) + bias[m]; windows do not
// overlap.
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

template <class T>
void subsample_forward(const BatchShapes& shapes, std::span<const T> in,
                       std::span<const T> coefficients, std::span<const T> biases,
                       std::span<T> out);

template <class T>
void subsample_backward_input(const BatchShapes& shapes, std::span<const T> out_gradient,
                              std::span<const T> coefficients, std::span<T> in_gradient);

// Sums over rows. Biases: those of conv2d.h.
template <class T>
void subsample_backward_coefficients(const BatchShapes& shapes, std::span<const T> in,
                                     std::span<const T> out_gradient,
                                     std::span<T> coefficient_gradient);

// d(out)/d(coefficient) is the window's sum, so this weighs its square (curvature.h): a window is
// one use of the coefficient, not side x side of them.
template <class T>
void subsample_curvature_coefficients(const BatchShapes& shapes, std::span<const T> in,
                                      std::span<const T> out_curvature,
                                      std::span<T> coefficient_curvature);

}  // namespace sluice::reference
