// score of class c = -sum over i of (x_i - code_ci)^2.
#pragma once

#include <span>

#include "runtime/backend/reference/batch_shapes.h"
#include "runtime/backend/reference/targets.h"
#include "runtime/net/layer_spec.h"

namespace sluice::reference {

template <class T>
void rbf_forward(const Rbf& rbf, const BatchShapes& shapes, std::span<const T> in,
                 std::span<T> scores);

// sum over c of -2 (x_i - code_ci) * dE/dscore_c.
template <class T>
void rbf_backward(const Rbf& rbf, const BatchShapes& shapes, std::span<const T> in,
                  std::span<const T> score_gradient, std::span<T> in_gradient);

// 2 * weight: of the squared distance to one code, whatever the scores (curvature.h says why).
template <class T>
void rbf_curvature(const BatchShapes& shapes, const Targets& targets, std::span<T> in_curvature);

}  // namespace sluice::reference
