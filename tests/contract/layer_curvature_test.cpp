// Phase curvature of every backend, by way of the Program interface: the means that the reference's
// runner gives in double.
#include <algorithm>
#include <cmath>

#include "runtime/backend/make_backend.h"
#include "runtime/backend/reference/net_runner.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

constexpr double kTolerance = 1e-5;  // of the norm
constexpr std::uint64_t kStateSeed = 17;

LayerCase weighed(LayerCase c) {
  c.batch = 4;
  c.row_weights = {1, 0, 1, 1};
  return c;
}

ProgramOptions training(const LayerCase& c) {
  return {.batch = c.batch, .purpose = Purpose::training, .rule = DiagonalLmRule{}};
}

using Means = std::vector<std::vector<float>>;

// Velocities behind the phase, canonical.
Means found(const std::string& backend, const LayerCase& c, const CaseData& data) {
  NetState state(c.net, kStateSeed);
  Arena arena(2);
  arena.run([&] {
    const auto program = tested_backend(backend)->compile(c.net, state, training(c));
    run_now(*program, Phase::forward, data.input());
    run_now(*program, Phase::curvature, data.input());
  });
  Means means;
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    means.push_back(state.read_velocity(i));
  }
  return means;
}

double difference(std::span<const float> a, std::span<const double> b, double rows) {
  double apart = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i] / rows, 2);
    norm += std::pow(b[i] / rows, 2);
  }
  return norm > 0.0 ? std::sqrt(apart / norm) : HUGE_VAL;
}

}  // namespace

TEST_CASE("every backend gives the mean curvature over the rows that count",
          "[backend][contract][curvature]") {
  for (const LayerCase& plain : layer_cases()) {
    if (!has_curvature(plain.net)) continue;
    const LayerCase c = weighed(plain);
    const CaseData data = case_data(c);
    reference::NetRunner<double> runner(c.net, c.batch, Purpose::training);
    const NetState start(c.net, kStateSeed);
    for (std::size_t i = 0; i < start.parameters().size(); ++i) {
      std::ranges::copy(start.read(i), runner.parameter(i).begin());
    }
    const std::vector<float> canonical = canonical_rows(c, data.rows);
    const std::vector<double> rows(canonical.begin(), canonical.end());
    runner.forward({.rows = rows,
                    .labels = data.labels,
                    .row_weights = data.row_weights,
                    .other_labels = data.other_labels,
                    .other_shares = data.other_shares});
    runner.curvature();
    for (const std::string& name : tested_backends()) {
      CAPTURE(name, c.name);
      const Means means = found(name, c, data);
      for (std::size_t i = 0; i < means.size(); ++i) {
        CAPTURE(i);
        CHECK(difference(means[i], runner.curvature_sum(i), 3.0) <= kTolerance);
      }
    }
  }
}

TEST_CASE("a row that does not count leaves no trace in the curvature",
          "[backend][contract][curvature]") {
  const LayerCase c = weighed(layer_case("a small LeNet"));
  const CaseData clean = case_data(c);
  CaseData dirty = clean;
  const std::size_t row = clean.rows.size() / 4;
  std::fill_n(dirty.rows.begin() + static_cast<std::ptrdiff_t>(row), row, std::nanf(""));
  dirty.labels[1] = -7;
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    CHECK(found(name, c, dirty) == found(name, c, clean));
  }
}

TEST_CASE("curvature leaves weights, frozen layers and a batch without rows alone",
          "[backend][contract][curvature]") {
  LayerCase c = weighed(layer_case("a small LeNet"));
  c.net.layers[0].learning.frozen = true;
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    CaseData data = case_data(c);
    NetState state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const auto program = tested_backend(name)->compile(c.net, state, training(c));
      const std::vector<float> weights = state.read(2), frozen(state.read(0).size(), 0.25F);
      state.write_velocity(0, frozen);
      const std::uint64_t version = state.version;
      run_now(*program, Phase::forward, data.input());
      run_now(*program, Phase::curvature, data.input());
      const std::vector<float> first = state.read_velocity(2);
      CHECK(std::ranges::max(first) > 0.0F);
      CHECK(state.read_velocity(0) == frozen);
      CHECK(state.read(2) == weights);
      CHECK(state.version == version);
      std::ranges::fill(data.row_weights, 0.0F);
      run_now(*program, Phase::forward, data.input());
      run_now(*program, Phase::curvature, data.input());
      CHECK(state.read_velocity(2) == first);
    });
  }
}

TEST_CASE("curvature needs a forward of its own and training goes on behind it",
          "[backend][contract][curvature]") {
  const LayerCase c = weighed(layer_case("a small LeNet"));
  const CaseData data = case_data(c);
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    NetState state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const auto program = tested_backend(name)->compile(c.net, state, training(c));
      const auto never = [](std::exception_ptr) { FAIL("done was called"); };
      CHECK_THROWS_WITH(program->run(Phase::curvature, data.input(), never),
                        Catch::Contains("curvature needs a forward"));
      run_now(*program, Phase::forward, data.input());
      run_now(*program, Phase::curvature, data.input());
      CHECK_THROWS_AS(program->run(Phase::backward, data.input(), never), Error);
      CHECK_THROWS_AS(program->run(Phase::update, data.input(), never), Error);
      const auto loss = [&] {
        double sum = 0.0;
        for (const float row : program->row_losses()) sum += static_cast<double>(row);
        return sum;
      };
      const double before = loss();
      StepInput input = data.input();
      input.rate = 0.002;
      for (int step = 0; step < 25; ++step) {
        for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
          run_now(*program, phase, input);
      }
      CHECK(loss() < 0.8 * before);
    });
  }
}

}  // namespace sluice::test
