// The updates of SgdRule (backend.h), element by element, so that they work in any layout.
#pragma once

#include <span>

#include "runtime/backend/update_factors.h"

namespace sluice::reference {

// `factors` of a parameter that is not still; `gradient`: the sum over rows.
template <class T>
void sgd_update(SgdRule::Form form, const UpdateFactors& factors, std::span<const T> gradient,
                std::span<T> velocity, std::span<T> values);

}  // namespace sluice::reference
