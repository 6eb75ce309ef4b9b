#include "tests/support/steps.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <memory>

#include "runtime/backend/update_factors.h"
#include "runtime/error.h"

namespace sluice::test {

void run_now(Program& program, Phase phase, const StepInput& input) {
  const auto told = std::make_shared<std::promise<std::exception_ptr>>();
  program.run(phase, input, [told](std::exception_ptr failure) { told->set_value(failure); });
  if (const auto failure = told->get_future().get()) std::rethrow_exception(failure);
}

std::vector<float> canonical_gradient(const Parameter& parameter) {
  std::vector<float> canonical(static_cast<std::size_t>(parameter.info.shape.elements()));
  parameter.layout->to_canonical(parameter.gradient.values(), canonical);
  return canonical;
}

std::vector<float> counting(const LayerCase& c, std::span<const float> values) {
  if (c.row_weights.empty()) return {values.begin(), values.end()};
  std::vector<float> some;
  const std::size_t row = values.size() / c.row_weights.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (c.row_weights[i / row] != 0.0F) some.push_back(values[i]);
  }
  return some;
}

bool has_curvature(const Net& net) {
  try {
    check_rule(net, DiagonalLmRule{});
    return true;
  } catch (const Error&) {
    return false;
  }
}

double norm(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += std::pow(static_cast<double>(value), 2);
  return std::sqrt(sum);
}

double difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  const double part = std::sqrt(sum) / std::max(norm(b), 1e-30);
  return std::isfinite(part) ? part : HUGE_VAL;
}

}  // namespace sluice::test
