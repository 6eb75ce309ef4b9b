#include "runtime/backend/reference/reference.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "tests/runtime/reversed_layout.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace sluice {
namespace {

// Runs a phase and rethrows what `done` was told; fails unless it was told exactly once.
void run_now(Program& program, Phase phase, const StepInput& input) {
  int told = 0;
  std::exception_ptr failure;
  program.run(phase, input, [&](std::exception_ptr error) {
    ++told;
    failure = error;
  });
  REQUIRE(told == 1);
  if (failure) std::rethrow_exception(failure);
}

void train_step(Program& program, const StepInput& input) {
  for (const Phase phase : {Phase::forward, Phase::backward, Phase::update}) {
    run_now(program, phase, input);
  }
}

test::LayerCase small_net() { return test::layer_case("a small net"); }

std::unique_ptr<Program> compile(const test::LayerCase& c, NetState& state, Purpose purpose) {
  return make_reference_backend()->compile(c.net, state, {.batch = c.batch, .purpose = purpose});
}

// Two features, two classes, weights written by hand; no convolution in the way.
Net two_class_net() {
  return {.name = "two",
          .channels = 2,
          .side = 1,
          .layers = {{"scores", FullyConnected{2}, {}, "s"}, {"loss", SoftmaxLoss{}, {}, ""}}};
}

}  // namespace

TEST_CASE("a step by hand gives the same scores, loss and weights", "[runtime][reference]") {
  NetState state(two_class_net(), 1);
  state.write(0, std::vector<float>{1, 2, 3, 4});
  state.write(1, std::vector<float>{0.5F, -0.5F});
  auto program = make_reference_backend()->compile(
      two_class_net(), state,
      {.batch = 1, .purpose = Purpose::training, .rule = SgdRule{.momentum = 0.9, .l2 = 0.1}});
  const std::vector<float> rows{1, -1}, weights{1};
  const std::vector<std::int32_t> labels{0};
  const StepInput input{.rows = rows, .labels = labels, .row_weights = weights, .rate = 0.5};

  run_now(*program, Phase::forward, input);
  CHECK(program->scores()[0] == -0.5F);
  CHECK(program->scores()[1] == -1.5F);
  CHECK(program->row_losses()[0] == Approx(std::log(1.0 + std::exp(-1.0))));

  run_now(*program, Phase::backward, input);
  CHECK(state.gradient_rows == 1.0);
  const double p = 1.0 / (1.0 + std::exp(1.0));  // of class 1
  CHECK(state.parameters()[0].gradient.values()[0] == Approx(-p));
  CHECK(state.parameters()[0].gradient.values()[1] == Approx(p));
  CHECK(state.parameters()[1].gradient.values()[1] == Approx(p));

  run_now(*program, Phase::update, input);
  CHECK(state.read(0)[0] == Approx(1.0 - 0.1 * 0.5 * 1.0 + 0.5 * p));
  CHECK(state.read(1)[0] == Approx(0.5 + 0.5 * p));  // no decay on biases
  const double v = static_cast<double>(state.parameters()[1].velocity.values()[0]);
  CHECK(v == Approx(0.5 * p));

  StepInput still = input;
  still.rate = 0.0;
  train_step(*program, still);
  CHECK(state.read(1)[0] == Approx(0.5 + 0.5 * p + 0.9 * v));  // momentum alone
}

TEST_CASE("an update divides the sums by the rows that count", "[runtime][reference]") {
  const test::LayerCase c = test::layer_case("a small net with rows that do not count");
  const test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto program = compile(c, state, Purpose::training);
  const std::vector<float> before = state.read(1);
  const std::uint64_t version = state.version;
  train_step(*program, data.input());
  CHECK(state.gradient_rows == 2.0);
  CHECK(state.version == version + 1);
  const double gradient = static_cast<double>(state.parameters()[1].gradient.values()[0]);
  CHECK(static_cast<double>(state.read(1)[0]) ==
        Approx(static_cast<double>(before[0]) - 0.01 * gradient / 2.0));
}

TEST_CASE("a step in which no row counts moves nothing", "[runtime][reference]") {
  const test::LayerCase c = small_net();
  test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto program = compile(c, state, Purpose::training);
  train_step(*program, data.input());
  const std::vector<float> before = state.read(0);
  const std::uint64_t version = state.version;
  std::ranges::fill(data.row_weights, 0.0F);
  train_step(*program, data.input());
  CHECK(state.gradient_rows == 0.0);
  CHECK(state.read(0) == before);
  CHECK(state.version == version);
}

TEST_CASE("a program gives the same in every layout of its state", "[runtime][reference]") {
  const test::LayerCase c = small_net();
  const test::CaseData data = test::case_data(c);
  NetState plain(c.net, 4);
  NetState other(c.net, 4);
  for (std::size_t i = 0; i < other.parameters().size(); ++i) {
    const auto values = static_cast<std::size_t>(other.parameters()[i].info.shape.elements());
    other.set_layout(i, std::make_shared<test::ReversedLayout>(values));
  }
  const auto a = compile(c, plain, Purpose::training);
  const auto b = compile(c, other, Purpose::training);
  for (int step = 0; step < 2; ++step) {
    train_step(*a, data.input());
    train_step(*b, data.input());
  }
  for (std::size_t i = 0; i < plain.parameters().size(); ++i) CHECK(plain.read(i) == other.read(i));
}

TEST_CASE("two halves of a batch add up to the whole, dropout included", "[runtime][reference]") {
  test::LayerCase c = small_net();
  c.batch = 4;
  const test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto whole = compile(c, state, Purpose::training);
  run_now(*whole, Phase::forward, data.input());
  run_now(*whole, Phase::backward, data.input());
  const std::span<const float> expected = state.parameters()[0].gradient.values();
  const std::vector<float> all(expected.begin(), expected.end());

  c.batch = 2;
  const auto half = compile(c, state, Purpose::training);
  std::vector<float> sum(all.size());
  for (std::uint32_t first = 0; first < 4; first += 2) {
    StepInput input = data.input();
    input.rows = input.rows.subspan(first * data.rows.size() / 4, data.rows.size() / 2);
    input.labels = input.labels.subspan(first, 2);
    input.row_weights = input.row_weights.subspan(first, 2);
    input.first_row += first;
    run_now(*half, Phase::forward, input);
    run_now(*half, Phase::backward, input);
    const std::span<const float> part = state.parameters()[0].gradient.values();
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    CHECK(static_cast<double>(sum[i]) == Approx(static_cast<double>(all[i])).margin(1e-6));
  }
}

TEST_CASE("dropout drops in training and scales in evaluation", "[runtime][reference]") {
  const test::LayerCase c = test::layer_case("dropout that leaves the kept units as they are");
  const test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto output = [&](Purpose purpose) {
    auto program = make_reference_backend()->compile(
        c.net, state, {.batch = c.batch, .purpose = purpose, .keep = {"subject"}});
    run_now(*program, Phase::forward, data.input());
    return program->output("subject");
  };
  const std::vector<float> rows = test::canonical_rows(c, data.rows);
  const Tensor training = output(Purpose::training);
  const Tensor evaluation = output(Purpose::evaluation);
  CHECK(training.shape() == Shape{3, 3, 5, 5});
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float value = training.values()[i];
    dropped += value == 0.0F ? 1U : 0U;
    CHECK((value == 0.0F || value == rows[i]));
    CHECK(evaluation.values()[i] == 0.5F * rows[i]);
  }
  CHECK(dropped > rows.size() / 3);
  CHECK(dropped < rows.size() * 2 / 3);
}

TEST_CASE("training on one batch lowers its loss", "[runtime][reference]") {
  test::LayerCase c = small_net();
  c.batch = 4;
  const test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto program = compile(c, state, Purpose::training);
  const auto loss = [&] {
    float sum = 0.0F;
    for (const float row : program->row_losses()) sum += row;
    return sum;
  };
  train_step(*program, data.input());
  const float first = loss();
  for (int step = 0; step < 30; ++step) train_step(*program, data.input());
  CHECK(loss() < 0.5F * first);
}

TEST_CASE("phases out of order and inputs that do not fit are refused", "[runtime][reference]") {
  const test::LayerCase c = small_net();
  const test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto training = compile(c, state, Purpose::training);
  const auto evaluation = compile(c, state, Purpose::evaluation);
  const auto never = [](std::exception_ptr) { FAIL("a caller's mistake is thrown, not told"); };
  CHECK_THROWS_AS(training->run(Phase::backward, data.input(), never), Error);
  CHECK_THROWS_AS(training->run(Phase::update, data.input(), never), Error);
  run_now(*evaluation, Phase::forward, data.input());
  CHECK_THROWS_WITH(evaluation->run(Phase::backward, data.input(), never),
                    Catch::Contains("valid is forward"));

  StepInput short_rows = data.input();
  short_rows.rows = short_rows.rows.first(5);
  CHECK_THROWS_AS(training->run(Phase::forward, short_rows, never), Error);
  test::CaseData bad_label = data;
  bad_label.labels[1] = 4;
  CHECK_THROWS_WITH(training->run(Phase::forward, bad_label.input(), never),
                    Catch::Contains("label 4 of row 1"));
}

TEST_CASE("a failure inside a phase is told to done", "[runtime][reference]") {
  const test::LayerCase c = small_net();
  const test::CaseData data = test::case_data(c);
  NetState state(c.net, 4);
  const auto program = compile(c, state, Purpose::training);
  {
    const ProgramLock other_program(state);
    CHECK_THROWS_WITH(run_now(*program, Phase::forward, data.input()),
                      Catch::Contains("two programs"));
  }
  CHECK_NOTHROW(run_now(*program, Phase::forward, data.input()));
}

TEST_CASE("a net, state or option that does not fit does not compile", "[runtime][reference]") {
  const test::LayerCase c = small_net();
  NetState state(c.net, 4);
  const auto backend = make_reference_backend();
  CHECK_THROWS_AS(backend->compile(c.net, state, {.batch = 0}), Error);
  CHECK_THROWS_WITH(backend->compile(c.net, state, {.keep = {"conv9"}}),
                    Catch::Contains("no layer named conv9"));
  CHECK_THROWS_WITH(backend->compile(two_class_net(), state, {}),
                    Catch::Contains("made for another net"));
  Net endless = c.net;
  endless.layers.pop_back();
  CHECK_THROWS_WITH(backend->compile(endless, state, {}), Catch::Contains("must be a loss"));
  const auto program = backend->compile(c.net, state, {.batch = 2});
  CHECK_THROWS_WITH(program->output("conv1"), Catch::Contains("not kept"));
  CHECK(program->bytes() > 0);
}

}  // namespace sluice
