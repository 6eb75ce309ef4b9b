#include "runtime/backend/reference/diagonal_lm.h"

namespace sluice::reference {

template <class T>
void diagonal_lm_update(const UpdateFactors& factors, std::span<const T> gradient,
                        std::span<const T> curvature, std::span<T> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double mean = static_cast<double>(gradient[i]) / factors.rows;
    const double rate = factors.rate / (factors.damping + static_cast<double>(curvature[i]));
    values[i] = static_cast<T>(static_cast<double>(values[i]) - rate * mean);
  }
}

template void diagonal_lm_update<float>(const UpdateFactors&, std::span<const float>,
                                        std::span<const float>, std::span<float>);
template void diagonal_lm_update<double>(const UpdateFactors&, std::span<const double>,
                                         std::span<const double>, std::span<double>);

}  // namespace sluice::reference
