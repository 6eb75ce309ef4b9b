#include "runtime/backend/reference/sgd.h"

namespace sluice::reference {
namespace {

double sign(double w) { return w > 0.0 ? 1.0 : (w < 0.0 ? -1.0 : 0.0); }

// One element: its velocity, and what it has become.
struct Moved {
  double velocity;
  double value;
};

Moved move(SgdRule::Form form, const UpdateFactors& factors, const Moved& from, double g) {
  const double v = from.velocity, w = from.value;
  switch (form) {
    case SgdRule::Form::pytorch: {
      const double sum = factors.momentum * v + g;
      return {sum, w - factors.rate * sum};
    }
    case SgdRule::Form::nesterov: {
      const double u = factors.momentum * v - factors.rate * g;
      return {u, w - factors.momentum * v + (1.0 + factors.momentum) * u};
    }
    case SgdRule::Form::paper:
      break;
  }
  const double u = factors.momentum * v - factors.rate * g;
  return {u, w + u};
}

}  // namespace

template <class T>
void sgd_update(SgdRule::Form form, const UpdateFactors& factors, std::span<const T> gradient,
                std::span<T> velocity, std::span<T> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = static_cast<double>(values[i]);
    const double g =
        static_cast<double>(gradient[i]) / factors.rows + factors.l2 * w + factors.l1 * sign(w);
    const Moved to = move(form, factors, {static_cast<double>(velocity[i]), w}, g);
    velocity[i] = static_cast<T>(to.velocity);
    values[i] = static_cast<T>(to.value);
  }
}

template void sgd_update<float>(SgdRule::Form, const UpdateFactors&, std::span<const float>,
                                std::span<float>, std::span<float>);
template void sgd_update<double>(SgdRule::Form, const UpdateFactors&, std::span<const double>,
                                 std::span<double>, std::span<double>);

}  // namespace sluice::reference
