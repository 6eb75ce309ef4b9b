#include "runtime/backend/reference/dropout.h"

namespace sluice::reference {
namespace {

// What a kept unit is multiplied by in training, and every unit in evaluation.
double training_factor(const Dropout& dropout) {
  return dropout.scaling == Dropout::Scaling::inverted ? 1.0 / (1.0 - dropout.drop) : 1.0;
}

double evaluation_factor(const Dropout& dropout) {
  return dropout.scaling == Dropout::Scaling::vanilla ? 1.0 - dropout.drop : 1.0;
}

}  // namespace

template <class T>
void dropout_training(const Dropout& dropout, std::span<const T> in,
                      std::span<const std::uint8_t> kept, std::span<T> out) {
  const T factor = static_cast<T>(training_factor(dropout));
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = kept[i] != 0 ? in[i] * factor : T{0};
}

template <class T>
void dropout_backward(const Dropout& dropout, std::span<const T> out_gradient,
                      std::span<const std::uint8_t> kept, std::span<T> in_gradient) {
  // The same linear map.
  dropout_training<T>(dropout, out_gradient, kept, in_gradient);
}

template <class T>
void dropout_evaluation(const Dropout& dropout, std::span<const T> in, std::span<T> out) {
  const T factor = static_cast<T>(evaluation_factor(dropout));
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] * factor;
}

template void dropout_training<float>(const Dropout&, std::span<const float>,
                                      std::span<const std::uint8_t>, std::span<float>);
template void dropout_backward<float>(const Dropout&, std::span<const float>,
                                      std::span<const std::uint8_t>, std::span<float>);
template void dropout_evaluation<float>(const Dropout&, std::span<const float>, std::span<float>);
template void dropout_training<double>(const Dropout&, std::span<const double>,
                                       std::span<const std::uint8_t>, std::span<double>);
template void dropout_backward<double>(const Dropout&, std::span<const double>,
                                       std::span<const std::uint8_t>, std::span<double>);
template void dropout_evaluation<double>(const Dropout&, std::span<const double>,
                                         std::span<double>);

}  // namespace sluice::reference
