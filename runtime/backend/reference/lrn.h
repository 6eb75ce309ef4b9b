// Local response normalisation across maps, within each tower (layer_spec.h).
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

// b_c = a_c * s_c^-beta,  s_c = k + alpha' * sum of a_j^2 over the window of c.
template <class T>
void lrn_forward(const Lrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                 std::span<T> out);

// da_c = g_c * s_c^-beta - 2 alpha' beta a_c * sum of g_j b_j / s_j over the window of c
// (c stands in the window of j exactly when j stands in the window of c).
template <class T>
void lrn_backward(const Lrn& lrn, const BatchShapes& shapes, std::span<const T> in,
                  std::span<const T> out_gradient, std::span<T> in_gradient);

}  // namespace sluice::reference
