// b = a * s^-beta, s = k + alpha / size^2 * sum of a^2 over a size x size window of the same map,
// zeros outside (layer_spec.h).
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

template <class T>
void same_map_lrn_forward(const SameMapLrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                          std::span<T> out);

// da_p = g_p * s_p^-beta - 2 alpha' beta a_p * sum of g_q b_q / s_q over the window of p
// (p stands in the window of q exactly when q stands in the window of p).
template <class T>
void same_map_lrn_backward(const SameMapLrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                           std::span<const T> out_gradient, std::span<T> in_gradient);

}  // namespace sluice::reference
