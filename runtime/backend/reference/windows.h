// Windows of a plane as rows of their own, and the mean over them.
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"

namespace sluice::reference {

// `shapes.rows`: images; out: (images x windows, channels, side, side), windows in reading order.
template <class T>
void windows_forward(const BatchShapes& shapes, std::span<const T> in, std::span<T> out);
template <class T>
void windows_backward(const BatchShapes& shapes, std::span<const T> out_gradient,
                      std::span<T> in_gradient);

// `shapes.rows`: images; in: (images x windows, features), out: (images, features).
template <class T>
void window_mean_forward(const BatchShapes& shapes, std::span<const T> in, std::span<T> out);
template <class T>
void window_mean_backward(const BatchShapes& shapes, std::span<const T> out_gradient,
                          std::span<T> in_gradient);

}  // namespace sluice::reference
