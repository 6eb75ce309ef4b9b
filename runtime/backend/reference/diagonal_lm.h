// The update of DiagonalLmRule (backend.h), element by element, so that it works in any layout.
#pragma once

#include <span>

#include "runtime/backend/update_factors.h"

namespace sluice::reference {

// w <- w - rate / (damping + h) * gradient / rows. `factors` of a parameter that is not still;
// `curvature`: the mean h that curvature.h leaves in a parameter's velocity.
template <class T>
void diagonal_lm_update(const UpdateFactors& factors, std::span<const T> gradient,
                        std::span<const T> curvature, std::span<T> values);

}  // namespace sluice::reference
