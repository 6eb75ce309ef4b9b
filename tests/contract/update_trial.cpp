#include "tests/contract/update_trial.h"

#include <algorithm>
#include <cmath>

#include "runtime/backend/make_backend.h"
#include "tests/support/catch.h"
#include "tests/support/steps.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

constexpr double kTolerance = 1e-6;  // of the norm: a few roundings of f32 a step

std::vector<float> canonical(const Parameter& parameter, const Tensor& stored) {
  std::vector<float> values(static_cast<std::size_t>(parameter.info.shape.elements()));
  parameter.layout->to_canonical(stored.values(), values);
  return values;
}

std::vector<double> widened(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

StepFactors factors_of(const Layer& layer, ParameterRole role, const SgdRule& rule, double rate,
                       double in_step) {
  const bool weights = role == ParameterRole::weights;
  const double decay = weights ? layer.learning.weight_decay : layer.learning.bias_decay;
  const double own = weights ? layer.learning.weight_rate : layer.learning.bias_rate;
  return {.rate = rate * in_step * own,
          .l2 = rule.l2 * decay,
          .l1 = rule.l1 * decay,
          .still = layer.learning.frozen || in_step == 0.0};
}

void move(const SgdRule& rule, double rate, double g, double& w, double& v) {
  const double m = rule.momentum;
  if (rule.form == SgdRule::Form::paper) {
    v = m * v - rate * g;
    w += v;
  } else if (rule.form == SgdRule::Form::pytorch) {
    v = m * v + g;
    w -= rate * v;
  } else {
    // Lecture 8: x is where the steps start, w = x + m v is where the gradient is taken.
    double x = w - m * v;
    v = m * v - rate * g;
    x += v;
    w = x + m * v;
  }
}

void check_close(const std::vector<float>& values, const std::vector<double>& expected) {
  REQUIRE(values.size() == expected.size());
  double apart = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    apart += std::pow(static_cast<double>(values[i]) - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  CHECK(std::sqrt(apart) <= kTolerance * std::sqrt(norm));
}

// Nothing but zeros stands where a layout pads.
void check_padding(const Parameter& parameter) {
  std::vector<float> stored(parameter.layout->floats());
  parameter.layout->from_canonical(canonical(parameter, parameter.values), stored);
  CHECK(std::ranges::equal(stored, parameter.values.values()));
}

}  // namespace

void ParameterTwin::step(const SgdRule& rule, const StepFactors& factors,
                         const std::vector<double>& gradient, double rows) {
  if (factors.still) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = values[i];
    const double slope = w == 0.0 ? 0.0 : w / std::abs(w);
    const double g = gradient[i] / rows + factors.l2 * w + factors.l1 * slope;
    move(rule, factors.rate, g, values[i], velocity[i]);
  }
}

UpdateTrial::UpdateTrial(const std::string& backend, const LayerCase& c, const UpdateRule& rule)
    : net_(c.net), data_(case_data(c)), state_(c.net, 17) {
  arena_.run([&] {
    program_ = tested_backend(backend)->compile(
        net_, state_, {.batch = c.batch, .purpose = Purpose::training, .rule = rule});
  });
  for (std::size_t i = 0; i < count(); ++i) {
    twins_.push_back({widened(state_.read(i)), widened(state_.read_velocity(i))});
  }
}

void UpdateTrial::phase(Phase phase, const StepInput& input) {
  arena_.run([&] { run_now(*program_, phase, input); });
}

std::vector<std::vector<double>> UpdateTrial::gradients(const StepInput& input) {
  phase(Phase::forward, input);
  phase(Phase::backward, input);
  std::vector<std::vector<double>> all;
  for (const Parameter& p : state_.parameters()) all.push_back(widened(canonical(p, p.gradient)));
  return all;
}

void UpdateTrial::step(const SgdRule& rule, const StepInput& input) {
  const std::vector<std::vector<double>> sums = gradients(input);
  phase(Phase::update, input);
  for (std::size_t i = 0; i < count(); ++i) {
    const ParameterInfo& info = state_.parameters()[i].info;
    const double in_step = input.layer_rates.empty() ? 1.0 : input.layer_rates[info.layer];
    const StepFactors factors =
        factors_of(net_.layers[info.layer], info.role, rule, input.rate, in_step);
    twins_[i].step(rule, factors, sums[i], state_.gradient_rows);
  }
}

void UpdateTrial::check() const {
  for (std::size_t i = 0; i < count(); ++i) {
    CAPTURE(state_.parameters()[i].info.file_name);
    check_close(state_.read(i), twins_[i].values);
    check_close(state_.read_velocity(i), twins_[i].velocity);
    check_padding(state_.parameters()[i]);
  }
}

}  // namespace sluice::test
