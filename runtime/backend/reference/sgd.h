// The update of SgdRule (backend.h), element by element, so that it works in any layout.
#pragma once

#include <span>

namespace sluice::reference {

// v <- momentum v - decay rate w - rate g / rows;  w <- w + v.
struct SgdStep {
  double momentum = 0.0;
  double decay = 0.0;  // 0 for biases
  double rate = 0.0;
  double rows = 1.0;  // behind the gradient sum; positive
};

template <class T>
void sgd_update(const SgdStep& step, std::span<const T> gradient, std::span<T> velocity,
                std::span<T> values);

}  // namespace sluice::reference
