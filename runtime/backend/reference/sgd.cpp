#include "runtime/backend/reference/sgd.h"

namespace sluice::reference {

template <class T>
void sgd_update(const SgdStep& step, std::span<const T> gradient, std::span<T> velocity,
                std::span<T> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = static_cast<double>(values[i]);
    const double v = step.momentum * static_cast<double>(velocity[i]) - step.decay * step.rate * w -
                     step.rate * static_cast<double>(gradient[i]) / step.rows;
    velocity[i] = static_cast<T>(v);
    values[i] = static_cast<T>(w + v);
  }
}

template void sgd_update<float>(const SgdStep&, std::span<const float>, std::span<float>,
                                std::span<float>);
template void sgd_update<double>(const SgdStep&, std::span<const double>, std::span<double>,
                                 std::span<double>);

}  // namespace sluice::reference
