// The update rules of every backend, by way of the Program interface, against the same steps in
// double from each step's own gradients.
#include <algorithm>
#include <cmath>

#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "tests/contract/update_trial.h"
#include "tests/support/catch.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

using Values = std::vector<double>;

// Three layers with parameters, 0 "first", 2 "second" and 3 "scores", and a ReLU between.
LayerCase three_layers() {
  LayerCase c = layer_case("relu and fully connected on features");
  c.batch = 4;
  c.row_weights = {1, 1, 0, 1};
  return c;
}

std::vector<SgdRule> sgd_rules() {
  std::vector<SgdRule> rules;
  for (const auto form : {SgdRule::Form::paper, SgdRule::Form::pytorch, SgdRule::Form::nesterov}) {
    rules.push_back({.momentum = 0.0, .l2 = 0.0, .form = form});
    rules.push_back({.momentum = 0.9, .l2 = 0.0, .form = form});
    rules.push_back({.momentum = 0.9, .l2 = 0.1, .form = form});
    rules.push_back({.momentum = 0.7, .l2 = 0.0, .l1 = 0.05, .form = form});
    rules.push_back({.momentum = 0.9, .l2 = 0.1, .l1 = 0.05, .form = form});
  }
  return rules;
}

std::string text(const SgdRule& rule) {
  return fmt::format("form {} momentum {} l2 {} l1 {}", static_cast<int>(rule.form), rule.momentum,
                     rule.l2, rule.l1);
}

}  // namespace

TEST_CASE("every backend moves its parameters as each form of the rule says",
          "[backend][contract][update]") {
  for (const std::string& name : tested_backends()) {
    for (const SgdRule& rule : sgd_rules()) {
      CAPTURE(name, text(rule));
      UpdateTrial trial(name, three_layers(), rule);
      StepInput input = trial.data().input();
      for (const double rate : {0.1, 0.1, 0.05, 0.05, 0.005}) {  // a drop tells the forms apart
        input.rate = rate;
        trial.step(rule, input);
        ++input.step;
      }
      trial.check();
    }
  }
}

TEST_CASE("layers learn by their own factors and by those of the step",
          "[backend][contract][update]") {
  LayerCase c = three_layers();
  c.net.layers[0].learning = {
      .weight_rate = 2.0, .bias_rate = 0.5, .weight_decay = 3.0, .bias_decay = 1.0};
  c.net.layers[2].learning = {.weight_rate = 0.25, .weight_decay = 0.0};
  const std::vector<double> some{0.1, 1, 1, 0.5, 1}, others{1, 1, 0, 1, 1};
  for (const std::string& name : tested_backends()) {
    for (const SgdRule& rule : sgd_rules()) {
      CAPTURE(name, text(rule));
      UpdateTrial trial(name, c, rule);
      StepInput input = trial.data().input();
      input.rate = 0.1;
      for (const std::vector<double>& rates : {{}, some, others, some}) {
        input.layer_rates = rates;
        trial.step(rule, input);
        ++input.step;
      }
      trial.check();
    }
  }
}

TEST_CASE("a frozen layer keeps every bit of its values and velocities",
          "[backend][contract][update]") {
  LayerCase c = three_layers();
  c.net.layers[2].learning.frozen = true;
  for (const std::string& name : tested_backends()) {
    for (const SgdRule& rule : sgd_rules()) {
      CAPTURE(name, text(rule));
      UpdateTrial trial(name, c, rule);
      for (const std::size_t i : {2U, 3U}) {  // a velocity from before it was frozen
        trial.twins()[i].velocity.assign(trial.twins()[i].values.size(), 0.5);
        trial.state().write_velocity(i, std::vector<float>(trial.twins()[i].values.size(), 0.5F));
      }
      const std::vector<float> weights = trial.state().read(2), biases = trial.state().read(3);
      StepInput input = trial.data().input();
      for (int step = 0; step < 3; ++step, ++input.step) trial.step(rule, input);
      trial.check();
      CHECK(trial.state().read(2) == weights);
      CHECK(trial.state().read(3) == biases);
      CHECK(std::ranges::count(trial.state().read_velocity(2), 0.5F) ==
            static_cast<std::ptrdiff_t>(weights.size()));
    }
  }
}

TEST_CASE("a layer whose rate is 0 in a step rests, one at a rate of 0 rolls on",
          "[backend][contract][update]") {
  const LayerCase c = three_layers();
  const std::vector<double> resting{0, 1, 1, 1, 1};
  const SgdRule rule{.momentum = 0.5, .l2 = 0.1};
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    UpdateTrial trial(name, c, rule);
    StepInput input = trial.data().input();
    trial.step(rule, input);
    const std::vector<float> before = trial.state().read(0);
    const std::vector<float> velocity = trial.state().read_velocity(0);
    const std::vector<float> other = trial.state().read(4);
    input.rate = 0.0;
    input.layer_rates = resting;
    trial.step(rule, input);
    trial.check();
    CHECK(trial.state().read(0) == before);
    CHECK(trial.state().read_velocity(0) == velocity);
    CHECK(trial.state().read(4) != other);
  }
}

TEST_CASE("decay alone follows its closed form", "[backend][contract][update]") {
  // Rows of zeros: the first layer's weights have no gradient.
  constexpr int kSteps = 6;
  constexpr double kRate = 0.1, kL2 = 0.2, kL1 = 0.03;
  for (const std::string& name : tested_backends()) {
    for (const auto form :
         {SgdRule::Form::paper, SgdRule::Form::pytorch, SgdRule::Form::nesterov}) {
      CAPTURE(name, static_cast<int>(form));
      for (const bool ridge : {true, false}) {
        const SgdRule rule{
            .momentum = 0.0, .l2 = ridge ? kL2 : 0.0, .l1 = ridge ? 0.0 : kL1, .form = form};
        UpdateTrial trial(name, three_layers(), rule);
        std::ranges::fill(trial.data().rows, 0.0F);
        std::vector<float> start = trial.state().read(0);
        start[0] = 0.0F;
        start[1] = 0.5F;
        start[2] = -0.5F;
        trial.state().write(0, start);
        StepInput input = trial.data().input();
        input.rate = kRate;
        for (int step = 0; step < kSteps; ++step) {
          for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
            trial.phase(phase, input);
        }
        const std::vector<float> end = trial.state().read(0);
        const double left =
            ridge ? 0.5 * std::pow(1.0 - kRate * kL2, kSteps) : 0.5 - kSteps * kRate * kL1;
        CHECK(end[0] == 0.0F);
        CHECK(static_cast<double>(end[1]) == Approx(left).epsilon(1e-6));
        CHECK(static_cast<double>(end[2]) == Approx(-left).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("the paper's form and PyTorch's agree until the rate drops",
          "[backend][contract][update]") {
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    const SgdRule paper{.momentum = 0.9, .l2 = 0.1};
    SgdRule pytorch = paper;
    pytorch.form = SgdRule::Form::pytorch;
    UpdateTrial a(name, three_layers(), paper), b(name, three_layers(), pytorch);
    StepInput input_a = a.data().input(), input_b = b.data().input();
    const auto apart = [&] {
      const std::vector<float> x = a.state().read(4), y = b.state().read(4);
      double most = 0.0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        most = std::max(most, std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
      }
      return most;
    };
    for (const double rate : {0.05, 0.05, 0.05, 0.005}) {
      input_a.rate = input_b.rate = rate;
      a.step(paper, input_a);
      b.step(pytorch, input_b);
      if (rate == 0.05) {
        CHECK(apart() < 1e-6);
      } else {
        CHECK(apart() > 1e-4);
      }
    }
  }
}

TEST_CASE("diagonal Levenberg-Marquardt divides each rate by its own curvature",
          "[backend][contract][update]") {
  constexpr double kDamping = 0.02, kRate = 0.01;
  LayerCase c = three_layers();
  c.net.layers[0].learning = {.weight_rate = 2.0, .bias_rate = 0.5};
  c.net.layers[2].learning.frozen = true;
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    UpdateTrial trial(name, c, DiagonalLmRule{.damping = kDamping});
    StepInput input = trial.data().input();
    input.rate = kRate;
    trial.phase(Phase::forward, input);
    trial.phase(Phase::curvature, input);
    std::vector<Values> h;
    for (std::size_t i = 0; i < trial.count(); ++i) {
      const std::vector<float> mean = trial.state().read_velocity(i);
      h.emplace_back(mean.begin(), mean.end());
    }
    CHECK(std::ranges::max(h[0]) > 1e-3);
    CHECK(std::ranges::max(h[2]) == 0.0);  // frozen: left as it was
    for (int step = 0; step < 4; ++step) {
      const std::vector<Values> g = trial.gradients(input);
      trial.phase(Phase::update, input);
      for (std::size_t i = 0; i < trial.count(); ++i) {
        const double own = std::vector<double>{2.0, 0.5, 0.0, 0.0, 1.0, 1.0}.at(i);
        for (std::size_t j = 0; j < g[i].size(); ++j) {
          trial.twins()[i].values[j] -= own * kRate / (kDamping + h[i][j]) * g[i][j] / 3.0;
        }
        trial.twins()[i].velocity = h[i];
      }
    }
    trial.check();
  }
}

TEST_CASE("rules and rates that do not fit a net are refused", "[backend][contract][update]") {
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    const auto backend = tested_backend(name);
    const auto compile = [&](const LayerCase& c, const UpdateRule& rule, Purpose purpose) {
      NetState state(c.net, 1);
      return backend->compile(c.net, state, {.batch = 1, .purpose = purpose, .rule = rule});
    };
    const LayerCase plain = three_layers(), with_lrn = layer_case("a small net");
    CHECK_THROWS_WITH(compile(with_lrn, DiagonalLmRule{}, Purpose::training),
                      Catch::Contains("layer norm1: lrn has no second derivatives"));
    CHECK_NOTHROW(compile(with_lrn, DiagonalLmRule{}, Purpose::evaluation));
    CHECK_THROWS_WITH(compile(plain, DiagonalLmRule{.damping = 0.0}, Purpose::training),
                      Catch::Contains("damping 0 must be positive"));
    CHECK_THROWS_AS(compile(plain, SgdRule{.momentum = -0.1}, Purpose::training), Error);
    CHECK_THROWS_AS(compile(plain, SgdRule{.l1 = -0.1}, Purpose::training), Error);

    UpdateTrial trial(name, plain, SgdRule{});
    const std::vector<double> two_rates{1, 1};
    StepInput input = trial.data().input();
    input.layer_rates = two_rates;
    (void)trial.gradients(input);
    const auto never = [](std::exception_ptr) { FAIL("done was called"); };
    CHECK_THROWS_WITH(trial.program().run(Phase::update, input, never),
                      Catch::Contains("2 layer rates"));
    input.layer_rates = {};
    trial.phase(Phase::update, input);
    trial.phase(Phase::forward, input);
    CHECK_THROWS_WITH(trial.program().run(Phase::curvature, input, never),
                      Catch::Contains("only diagonal Levenberg-Marquardt"));
  }
}

}  // namespace sluice::test
