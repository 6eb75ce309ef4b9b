// Second derivatives in double, against slopes of slopes and against the Gauss-Newton form made of
// numeric slopes of the scores.
#include <algorithm>
#include <cmath>
#include <memory>

#include "runtime/backend/reference/net_runner.h"
#include "runtime/backend/update_factors.h"
#include "runtime/error.h"
#include "runtime/net/net_state.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

using Runner = reference::NetRunner<double>;
using Values = std::vector<double>;

constexpr double kStep = 1e-5;
constexpr double kTolerance = 1e-6;

Values copy(std::span<const double> values) { return {values.begin(), values.end()}; }

// A net in double, ready to be run and disturbed.
struct Subject {
  Net net;
  CaseData data;
  Values rows;
  std::unique_ptr<Runner> runner;

  explicit Subject(const LayerCase& c) : net(c.net), data(case_data(c)) {
    const std::vector<float> canonical = canonical_rows(c, data.rows);
    rows.assign(canonical.begin(), canonical.end());
    runner = std::make_unique<Runner>(net, c.batch, Purpose::training);
    const NetState state(net, 17);
    for (std::size_t i = 0; i < state.parameters().size(); ++i) {
      std::ranges::copy(state.read(i), runner->parameter(i).begin());
    }
  }

  void forward() {
    runner->forward({.rows = rows, .labels = data.labels, .row_weights = data.row_weights});
  }
  double loss() {
    forward();
    return runner->loss();
  }
};

// Slopes of what `look` gives, as it stands after a forward, by `value`.
template <class Look>
Values slopes(Subject& subject, double& value, const Look& look) {
  const double here = value;
  value = here + kStep;
  subject.forward();
  Values above = copy(look());
  value = here - kStep;
  subject.forward();
  const std::span<const double> below = look();
  for (std::size_t i = 0; i < above.size(); ++i) above[i] = (above[i] - below[i]) / (2.0 * kStep);
  value = here;
  return above;
}

double second_slope(Subject& subject, double& value) {
  constexpr double kWide = 2e-4;
  const double here = value, middle = subject.loss();
  value = here + kWide;
  const double above = subject.loss();
  value = here - kWide;
  const double below = subject.loss();
  value = here;
  return (above - 2.0 * middle + below) / (kWide * kWide);
}

// Sum of slope^2 weight.
double weighed(const Values& slope, std::span<const double> weights) {
  double sum = 0.0;
  for (std::size_t i = 0; i < slope.size(); ++i) sum += slope[i] * slope[i] * weights[i];
  return sum;
}

void check_close(std::span<const double> values, const Values& expected, double tolerance) {
  REQUIRE(values.size() == expected.size());
  double apart = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    apart += std::pow(values[i] - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  CHECK(norm > 1e-12);
  CHECK(std::sqrt(apart) <= tolerance * std::sqrt(norm));
}

LayerCase counting(LayerCase c) {
  c.batch = 3;
  c.row_weights = {1, 0, 1};
  return c;
}

std::vector<LayerCase> curved_cases() {
  std::vector<LayerCase> cases;
  for (const LayerCase& c : layer_cases()) {
    if (has_curvature(c.net)) cases.push_back(counting(c));
  }
  return cases;
}

LayerCase chain(std::string name, int side, std::vector<Layer> layers) {
  return {.name = std::move(name),
          .net = {.name = "chain", .channels = 1, .side = side, .layers = std::move(layers)},
          .batch = 3,
          .row_weights = {1, 0, 1}};
}

Start wide() { return {.deviation = 0.4, .bias = 0.2}; }

// One class, which the garbage class stands against.
Subject one_class(const LayerCase& c) {
  Subject subject(c);
  std::ranges::fill(subject.data.labels, 0);
  return subject;
}

}  // namespace

TEST_CASE("every layer passes on the squares of its slopes", "[runtime][reference][curvature]") {
  for (const LayerCase& c : curved_cases()) {
    CAPTURE(c.name);
    Subject subject(c);
    subject.forward();
    subject.runner->curvature();
    const std::vector<ParameterInfo> infos = parameters(c.net);
    std::vector<Values> by_output, found;
    for (std::size_t i = 0; i < c.net.layers.size(); ++i) {
      by_output.push_back(copy(subject.runner->input_curvature(i)));
    }
    for (std::size_t i = 0; i < infos.size(); ++i) {
      found.push_back(copy(subject.runner->curvature_sum(i)));
    }
    for (std::size_t i = 0; i < infos.size(); ++i) {
      CAPTURE(infos[i].file_name);
      Values expected;
      for (double& value : subject.runner->parameter(i)) {
        const auto look = [&] { return subject.runner->output(infos[i].layer); };
        expected.push_back(weighed(slopes(subject, value, look), by_output[infos[i].layer + 1]));
      }
      check_close(found[i], expected, kTolerance);
    }
    if (is_loss(c.net.layers[1].spec)) continue;
    Values expected;
    for (double& value : subject.rows) {
      const auto look = [&] { return subject.runner->output(0); };
      expected.push_back(weighed(slopes(subject, value, look), by_output[1]));
    }
    check_close(by_output[0], expected, kTolerance);
  }
}

TEST_CASE("one linear layer under a loss has the loss's own second derivatives",
          "[runtime][reference][curvature]") {
  for (const char* const name :
       {"fully connected and softmax-loss alone", "map-loss", "map-loss whose garbage is likely"}) {
    CAPTURE(name);
    Subject subject(counting(layer_case(name)));
    subject.forward();
    subject.runner->curvature();
    for (const std::size_t i : {0U, 1U}) {
      const Values found = copy(subject.runner->curvature_sum(i));
      Values expected;
      for (double& value : subject.runner->parameter(i)) {
        expected.push_back(second_slope(subject, value));
      }
      check_close(found, expected, 1e-5);
    }
  }
}

TEST_CASE("the distance to a code has its own second derivatives, whatever the loss",
          "[runtime][reference][curvature]") {
  for (const double garbage : {-4.0, 0.1, 30.0}) {
    CAPTURE(garbage);
    Subject subject = one_class(chain("code", 3,
                                      {{"features", FullyConnected{3}, wide(), "f"},
                                       {"codes", Rbf{{{1, -1, 1}}}},
                                       {"loss", MapLoss{.garbage = garbage}}}));
    subject.forward();
    subject.runner->curvature();
    for (const std::size_t i : {0U, 1U}) {
      const Values found = copy(subject.runner->curvature_sum(i));
      Values expected;
      // The second slope of the rows' squared distances, which are the negated scores.
      for (double& value : subject.runner->parameter(i)) {
        const auto look = [&] { return subject.runner->output(0); };
        expected.push_back(
            weighed(slopes(subject, value, look), Values{2, 2, 2, 0, 0, 0, 2, 2, 2}));
      }
      check_close(found, expected, kTolerance);
    }
  }
}

TEST_CASE("a chain of linear layers has the second derivatives of its loss",
          "[runtime][reference][curvature]") {
  Subject subject =
      one_class(chain("linear", 4,
                      {{"sum", Subsample{.side = 4}, wide(), "s"},
                       {"convolution", PartialConv2d{.kernel = 1, .sees = {{0}}}, wide(), "p"},
                       {"scores", FullyConnected{1}, wide(), "f"},
                       {"loss", MapLoss{.garbage = 0.1}}}));
  subject.forward();
  subject.runner->curvature();
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    const Values found = copy(subject.runner->curvature_sum(i));
    check_close(found, {second_slope(subject, subject.runner->parameter(i)[0])}, 1e-5);
  }
}

TEST_CASE("a chain of units has the Gauss-Newton form of its score's slopes",
          "[runtime][reference][curvature]") {
  const Tanh squash{.amplitude = 1.7159, .slope = 2.0 / 3.0};
  Subject subject = one_class(chain("squashed", 4,
                                    {{"c1", Conv2d{.out_channels = 1, .kernel = 4}, wide(), "a"},
                                     {"squash1", squash},
                                     {"c2", FullyConnected{1}, wide(), "b"},
                                     {"squash2", squash},
                                     {"scores", FullyConnected{1}, wide(), "c"},
                                     {"loss", MapLoss{.garbage = 0.1}}}));
  subject.forward();
  subject.runner->curvature();
  const Values of_score = copy(subject.runner->input_curvature(5));
  std::vector<Values> found;
  for (std::size_t i = 0; i < 6; ++i) found.push_back(copy(subject.runner->curvature_sum(i)));
  for (std::size_t row = 0; row < 3; ++row) {
    const double score = subject.runner->scores()[row];
    const double p = std::exp(score) / (std::exp(score) + std::exp(-0.1));
    CHECK(of_score[row] == Approx(row == 1 ? 0.0 : p * (1.0 - p)));
  }
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    Values expected;
    for (double& value : subject.runner->parameter(i)) {
      const auto look = [&] { return subject.runner->scores(); };
      expected.push_back(weighed(slopes(subject, value, look), of_score));
    }
    check_close(found[i], expected, kTolerance);
  }
}

TEST_CASE("LeNet's last weights have the Gauss-Newton form of the distances to the codes",
          "[runtime][reference][curvature]") {
  // Units of F6; further down, LeNet's own form drops what units share.
  Subject subject(counting(layer_case("a small LeNet")));
  const std::size_t squash6 = 11, f6_weights = 10;
  REQUIRE(subject.net.layers[squash6].name == "squash6");
  REQUIRE(parameters(subject.net)[f6_weights].file_name == "f6.weight");
  subject.forward();
  subject.runner->curvature();
  const Values found = copy(subject.runner->curvature_sum(f6_weights));
  Values of_units;
  for (std::size_t i = 0; i < 3 * 6; ++i)
    of_units.push_back(2.0 * static_cast<double>(subject.data.row_weights[i / 6]));
  Values expected;
  for (double& value : subject.runner->parameter(f6_weights)) {
    const auto look = [&] { return subject.runner->output(squash6); };
    expected.push_back(weighed(slopes(subject, value, look), of_units));
  }
  check_close(found, expected, kTolerance);
}

TEST_CASE("no second derivative is negative", "[runtime][reference][curvature]") {
  for (const LayerCase& c : curved_cases()) {
    CAPTURE(c.name);
    Subject subject(c);
    subject.forward();
    subject.runner->curvature();
    for (std::size_t i = 0; i < parameters(c.net).size(); ++i) {
      CHECK(std::ranges::min(subject.runner->curvature_sum(i)) >= 0.0);
    }
    CHECK(std::ranges::min(subject.runner->input_curvature(0)) >= 0.0);
  }
}

TEST_CASE("a layer without second derivatives is named", "[runtime][reference][curvature]") {
  for (const char* const name : {"lrn with the paper's constants", "hinge-loss",
                                 "same-map lrn with the authors' constants", "a small net"}) {
    CAPTURE(name);
    Subject subject(layer_case(name));
    subject.forward();
    CHECK_THROWS_WITH(subject.runner->curvature(),
                      Catch::Contains("has no second derivatives") && Catch::StartsWith("layer "));
    CHECK_FALSE(has_curvature(subject.net));
    CHECK_NOTHROW(check_rule(subject.net, SgdRule{}));
  }
  CHECK(has_curvature(layer_case("a small LeNet").net));
}

}  // namespace sluice::test
