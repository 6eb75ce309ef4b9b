// What a program for row gradients gives: the slopes of each row's label's score by the row.
#include <algorithm>
#include <cmath>

#include "runtime/backend/make_backend.h"
#include "runtime/backend/micro_batches.h"
#include "runtime/backend/reference/net_runner.h"
#include "runtime/backend/replicas.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

using Runner = reference::NetRunner<double>;

constexpr double kStep = 1e-5;
constexpr std::uint64_t kStateSeed = 17;

std::vector<LayerCase> all_cases() {
  std::vector<LayerCase> cases = layer_cases();
  for (LayerCase& c : window_cases()) cases.push_back(std::move(c));
  return cases;
}

// A case's net in double.
class Subject {
 public:
  explicit Subject(const LayerCase& c)
      : data_(case_data(c)), runner_(c.net, c.batch, Purpose::row_gradients) {
    const std::vector<float> rows = canonical_rows(c, data_.rows);
    rows_.assign(rows.begin(), rows.end());
    const NetState state(c.net, kStateSeed);
    for (std::size_t i = 0; i < state.parameters().size(); ++i)
      std::ranges::copy(state.read(i), runner_.parameter(i).begin());
  }

  Runner& runner() { return runner_; }
  std::span<double> rows() { return rows_; }

  // The sum over rows and their labels of weight x share x score.
  double score() {
    const StepInput step = data_.input();
    runner_.forward({.rows = rows_,
                     .labels = step.labels,
                     .row_weights = step.row_weights,
                     .other_labels = step.other_labels,
                     .other_shares = step.other_shares});
    const std::size_t classes = runner_.scores().size() / step.labels.size();
    const auto of = [&](std::size_t row, std::int32_t label) {
      return runner_.scores()[row * classes + static_cast<std::size_t>(label)];
    };
    double sum = 0.0;
    for (std::size_t row = 0; row < step.labels.size(); ++row) {
      const double weight = static_cast<double>(step.row_weights[row]);
      if (weight == 0.0) continue;
      const double other =
          step.other_shares.empty() ? 0.0 : static_cast<double>(step.other_shares[row]);
      sum += weight * (1.0 - other) * of(row, step.labels[row]);
      if (other > 0.0) sum += weight * other * of(row, step.other_labels[row]);
    }
    return sum;
  }

 private:
  CaseData data_;
  std::vector<double> rows_;
  Runner runner_;
};

double length(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

ProgramOptions options_of(const LayerCase& c) {
  return {.batch = c.batch, .purpose = Purpose::row_gradients};
}

// After a forward and a backward.
struct Outcome {
  std::vector<float> scores;
  Tensor gradients;
};

Outcome outcome_of(const std::string& backend, const LayerCase& c, NetState& state) {
  const CaseData data = case_data(c);
  Outcome outcome;
  Arena arena(2);
  arena.run([&] {
    const auto program = tested_backend(backend)->compile(c.net, state, options_of(c));
    run_now(*program, Phase::forward, data.input());
    run_now(*program, Phase::backward, data.input());
    outcome.scores = counting(c, program->scores());
    outcome.gradients = program->row_gradients();
  });
  return outcome;
}

bool goes_back_to_rows(const std::string& backend) { return !backend.starts_with("cudnn"); }

}  // namespace

TEST_CASE("the reference's row gradients are the slopes of the label's score",
          "[backend][gradient]") {
  for (const LayerCase& c : all_cases()) {
    CAPTURE(c.name);
    Subject subject(c);
    subject.score();
    subject.runner().backward();
    const std::span<const double> found = subject.runner().input_gradient();
    std::vector<double> expected, apart;
    for (double& value : subject.rows()) {
      const double here = value;
      value = here + kStep;
      const double above = subject.score();
      value = here - kStep;
      expected.push_back((above - subject.score()) / (2.0 * kStep));
      value = here;
      apart.push_back(expected.back() - found[expected.size() - 1]);
    }
    CHECK(length(expected) > 1e-3);
    CHECK(length(apart) <= 1e-6 * length(expected));
  }
}

TEST_CASE("row gradients agree between backends on every layer", "[backend][contract]") {
  for (const std::string& name : tested_backends()) {
    if (!goes_back_to_rows(name) || name == "reference") continue;
    for (const LayerCase& c : all_cases()) {
      CAPTURE(name, c.name);
      NetState state(c.net, kStateSeed), other(c.net, kStateSeed);
      const Outcome expected = outcome_of("reference", c, state);
      const Outcome found = outcome_of(name, c, other);
      CHECK(found.gradients.shape() == expected.gradients.shape());
      CHECK(norm(expected.gradients.values()) > 1e-6);
      CHECK(difference(found.gradients.values(), expected.gradients.values()) <= 1e-5);
      CHECK(difference(found.scores, expected.scores) <= 1e-5);
    }
  }
}

TEST_CASE("a program for row gradients scores as evaluation does and leaves the state as it was",
          "[backend][contract]") {
  for (const std::string& name : tested_backends()) {
    if (!goes_back_to_rows(name)) continue;
    for (const LayerCase& c : all_cases()) {
      CAPTURE(name, c.name);
      const NetState before(c.net, kStateSeed);
      NetState state(c.net, kStateSeed);
      const CaseData data = case_data(c);
      std::vector<float> scores;
      Arena arena(2);
      arena.run([&] {
        const auto program = tested_backend(name)->compile(c.net, state, {.batch = c.batch});
        run_now(*program, Phase::forward, data.input());
        scores = counting(c, program->scores());
      });
      const auto version = state.version;
      const Outcome found = outcome_of(name, c, state);
      CHECK(difference(found.scores, scores) <= 1e-6);
      CHECK(state.version == version);
      CHECK(state.gradient_rows == before.gradient_rows);
      for (std::size_t i = 0; i < state.parameters().size(); ++i) {
        CHECK(std::ranges::equal(state.read(i), before.read(i)));
        CHECK(state.parameters()[i].gradient.values().empty());
        CHECK(state.parameters()[i].velocity.values().empty());
      }
    }
  }
}

TEST_CASE("what a program for row gradients keeps is evaluation's, after backward too",
          "[backend][contract]") {
  for (const std::string& name : tested_backends()) {
    if (!goes_back_to_rows(name)) continue;
    for (const LayerCase& c : all_cases()) {
      ProgramOptions options{.batch = c.batch};
      for (std::size_t i = 0; i + 1 < c.net.layers.size(); ++i)
        options.keep.push_back(c.net.layers[i].name);
      NetState state(c.net, kStateSeed);
      const CaseData data = case_data(c);
      Arena arena(2);
      arena.run([&] {
        const auto evaluation = tested_backend(name)->compile(c.net, state, options);
        options.purpose = Purpose::row_gradients;
        const auto program = tested_backend(name)->compile(c.net, state, options);
        run_now(*evaluation, Phase::forward, data.input());
        for (const Phase phase : {Phase::forward, Phase::backward}) {
          run_now(*program, phase, data.input());
          for (const std::string& layer : options.keep) {
            CAPTURE(name, c.name, layer, phase_name(phase));
            const std::vector<float> kept = counting(c, program->output(layer).values());
            CHECK(difference(kept, counting(c, evaluation->output(layer).values())) <= 1e-6);
          }
        }
      });
    }
  }
}

TEST_CASE("frozen layers have row gradients all the same", "[backend][contract]") {
  for (const std::string& name : tested_backends()) {
    if (!goes_back_to_rows(name)) continue;
    for (LayerCase c : all_cases()) {
      CAPTURE(name, c.name);
      NetState state(c.net, kStateSeed);
      const Outcome free = outcome_of(name, c, state);
      c.net.layers.front().learning.frozen = true;
      NetState frozen_state(c.net, kStateSeed);
      const Outcome frozen = outcome_of(name, c, frozen_state);
      CHECK(norm(frozen.gradients.values()) > 1e-6);
      CHECK(difference(frozen.gradients.values(), free.gradients.values()) <= 1e-6);
    }
  }
}

TEST_CASE("rows that do not count have row gradients of 0, and rows do not meet",
          "[backend][contract]") {
  LayerCase c = layer_case("overlapping max-pool");
  for (const std::string& name : tested_backends()) {
    if (!goes_back_to_rows(name)) continue;
    CAPTURE(name);
    c.row_weights = {};
    NetState state(c.net, kStateSeed);
    const Outcome all = outcome_of(name, c, state);
    c.row_weights = {1, 0, 1};
    const Outcome some = outcome_of(name, c, state);
    const std::size_t row = all.gradients.values().size() / 3;
    const auto rows = [&](const Outcome& of, std::size_t first, std::size_t count) {
      return of.gradients.values().subspan(first * row, count * row);
    };
    CHECK(norm(rows(some, 1, 1)) == 0.0);
    CHECK(difference(rows(some, 0, 1), rows(all, 0, 1)) < 1e-6);
    CHECK(difference(rows(some, 2, 1), rows(all, 2, 1)) < 1e-6);
  }
}

TEST_CASE("what has no row gradients says so", "[backend][contract]") {
  const LayerCase c = layer_case("overlapping max-pool");
  const CaseData data = case_data(c);
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    NetState state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const auto backend = tested_backend(name);
      if (!goes_back_to_rows(name)) {
        CHECK_THROWS_WITH(backend->compile(c.net, state, options_of(c)),
                          Catch::Contains("valid: the onednn or reference backend"));
        return;
      }
      const auto program = backend->compile(c.net, state, options_of(c));
      run_now(*program, Phase::forward, data.input());
      CHECK_THROWS_WITH(program->row_gradients(), Catch::Contains("need a backward"));
      CHECK_THROWS_WITH(run_now(*program, Phase::update, data.input()),
                        Catch::Contains("valid are forward, backward"));
      run_now(*program, Phase::backward, data.input());
      CHECK_NOTHROW(program->row_gradients());
      run_now(*program, Phase::forward, data.input());
      CHECK_THROWS_WITH(program->row_gradients(), Catch::Contains("need a backward"));
      const auto evaluation = backend->compile(c.net, state, {.batch = c.batch});
      CHECK_THROWS_WITH(evaluation->row_gradients(), Catch::Contains("not compiled for"));
      CHECK_THROWS_WITH(compile_micro_batched(*backend, c.net, state, options_of(c), {.rows = 1}),
                        Catch::Contains("micro-batches"));
      CHECK_THROWS_WITH(compile_divided(*backend, c.net, state, options_of(c), {.replicas = 2}),
                        Catch::Contains("replicas"));
    });
  }
  NetState state(c.net, kStateSeed);
  CHECK_THROWS_WITH(
      make_waiting_backend(std::chrono::milliseconds(1))->compile(c.net, state, options_of(c)),
      Catch::Contains("the waiting backend"));
}

}  // namespace sluice::test
