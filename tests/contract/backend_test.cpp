// What every backend must do, whatever it computes with: agree with the reference.
#include "runtime/backend/backend.h"

#include <algorithm>
#include <cmath>

#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

constexpr double kTolerance = 1e-5;     // of the norm: one layer
constexpr double kNetTolerance = 1e-4;  // of the norm: a net over two steps
constexpr std::uint64_t kStateSeed = 17;

std::vector<std::string> subjects() {
  std::vector<std::string> names = tested_backends();
  std::erase(names, "reference");
  return names;
}

// Everything a step leaves behind, canonical.
struct Outcome {
  std::vector<float> scores, losses;
  std::vector<std::vector<float>> gradients, values;
};

// What the phase was told.
std::exception_ptr failure_of(Program& program, Phase phase, const StepInput& input) {
  try {
    run_now(program, phase, input);
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

void train(Program& program, StepInput input, int steps) {
  for (int step = 0; step < steps; ++step, ++input.step) {
    run_now(program, Phase::forward, input);
    run_now(program, Phase::backward, input);
    run_now(program, Phase::update, input);
  }
}

Outcome look(const Program& program, const NetState& state) {
  Outcome outcome;
  outcome.scores.assign(program.scores().begin(), program.scores().end());
  outcome.losses.assign(program.row_losses().begin(), program.row_losses().end());
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    outcome.gradients.push_back(canonical_gradient(state.parameters()[i]));
    outcome.values.push_back(state.read(i));
  }
  return outcome;
}

Outcome training_outcome(const std::string& backend, const LayerCase& c, int steps) {
  const CaseData data = case_data(c);
  NetState state(c.net, kStateSeed);
  Outcome outcome;
  Arena arena(2);
  arena.run([&] {
    const auto program = tested_backend(backend)->compile(
        c.net, state, {.batch = c.batch, .purpose = Purpose::training});
    train(*program, data.input(), steps);
    outcome = look(*program, state);
  });
  return outcome;
}

void check_close(const LayerCase& c, const Outcome& subject, const Outcome& reference,
                 double tolerance) {
  CHECK(difference(counting(c, subject.scores), counting(c, reference.scores)) <= tolerance);
  CHECK(difference(subject.losses, reference.losses) <= tolerance);
  for (std::size_t i = 0; i < reference.gradients.size(); ++i) {
    CAPTURE(i);
    CHECK(norm(reference.gradients[i]) > 1e-6);
    CHECK(difference(subject.gradients[i], reference.gradients[i]) <= tolerance);
    CHECK(difference(subject.values[i], reference.values[i]) <= tolerance);
  }
}

// The case behind a layer with parameters, whose gradients are made of the case's input gradient.
LayerCase behind_a_convolution(LayerCase c) {
  const Layer before{.name = "before",
                     .spec = Conv2d{.out_channels = c.net.channels, .kernel = 1},
                     .start = {.deviation = 0.5, .bias = 0.1}};
  c.name += ", behind a convolution";
  c.net.layers.insert(c.net.layers.begin(), before);
  return c;
}

LayerCase with_rows(LayerCase c, int batch, std::vector<float> row_weights) {
  c.batch = batch;
  c.row_weights = std::move(row_weights);
  return c;
}

Net two_tower_net() {
  const Start start{.deviation = 0.1, .bias = 0.1};
  const Start wide{.deviation = 0.3, .bias = 0.0};
  return {
      .name = "towers",
      .channels = 3,
      .side = 51,
      .layers = {
          {"conv1", Conv2d{.out_channels = 24, .kernel = 11, .stride = 4, .pad = {0, 3}}, start},
          {"relu1", Relu{}},
          {"norm1", Lrn{.alpha = 1e-2, .towers = 2}},
          {"pool1", MaxPool{.kernel = 3, .stride = 2}},
          {"conv2", Conv2d{.out_channels = 36, .kernel = 5, .pad = {2, 2}, .groups = 2}, start},
          {"relu2", Relu{}},
          {"norm2", Lrn{.alpha = 1e-2, .towers = 2}},
          {"pool2", MaxPool{.kernel = 3, .stride = 2}},
          {"conv3", Conv2d{.out_channels = 40, .kernel = 3, .pad = {1, 1}}, start},
          {"relu3", Relu{}},
          {"conv4", Conv2d{.out_channels = 32, .kernel = 3, .pad = {1, 1}, .groups = 2}, start},
          {"relu4", Relu{}},
          {"fc6", FullyConnected{70}, start},
          {"relu6", Relu{}},
          {"drop6", Dropout{}},
          {"fc7", FullyConnected{33}, start},
          {"relu7", Relu{}},
          {"drop7", Dropout{.drop = 0.3, .scaling = Dropout::Scaling::inverted}},
          {"fc8", FullyConnected{4}, wide},
          {"loss", SoftmaxLoss{}}}};
}

LayerCase two_towers(int batch) {
  return {.name = "two towers", .net = two_tower_net(), .batch = batch};
}

}  // namespace

TEST_CASE("every backend agrees with the reference on every layer", "[backend][contract]") {
  for (const std::string& name : subjects()) {
    for (const LayerCase& plain : layer_cases()) {
      for (const LayerCase& c : {plain, behind_a_convolution(plain)}) {
        CAPTURE(name, c.name);
        check_close(c, training_outcome(name, c, 1), training_outcome("reference", c, 1),
                    kTolerance);
      }
    }
  }
}

TEST_CASE("every backend agrees for one row and for rows of weight 0", "[backend][contract]") {
  for (const std::string& name : subjects()) {
    for (const LayerCase& plain : layer_cases()) {
      for (const LayerCase& c : {with_rows(behind_a_convolution(plain), 1, {1}),
                                 with_rows(behind_a_convolution(plain), 5, {0, 1, 1, 0, 1})}) {
        CAPTURE(name, c.name, c.batch);
        check_close(c, training_outcome(name, c, 1), training_outcome("reference", c, 1),
                    kTolerance);
      }
    }
  }
}

TEST_CASE("a row that does not count leaves no trace in any backend", "[backend][contract]") {
  for (const std::string& name : subjects()) {
    CAPTURE(name);
    const LayerCase c = with_rows(two_towers(3), 3, {1, 0, 1});
    NetState state(c.net, kStateSeed);
    CaseData data = case_data(c);
    const std::size_t row = data.rows.size() / 3;
    std::fill_n(data.rows.begin() + static_cast<std::ptrdiff_t>(row), row, std::nanf(""));
    data.labels[1] = -7;
    Arena arena(2);
    arena.run([&] {
      const auto program = tested_backend(name)->compile(
          c.net, state, {.batch = c.batch, .purpose = Purpose::training});
      train(*program, data.input(), 1);
      CHECK(program->row_losses()[1] == 0.0F);
    });
    CHECK(state.gradient_rows == 2.0);
    const Outcome clean = training_outcome(name, c, 1);
    for (std::size_t i = 0; i < state.parameters().size(); ++i) {
      CHECK(state.read(i) == clean.values[i]);
    }
  }
}

TEST_CASE("a net with towers and dropout agrees over two steps", "[backend][contract]") {
  const LayerCase c = two_towers(6);
  const Outcome reference = training_outcome("reference", c, 2);
  for (const std::string& name : subjects()) {
    CAPTURE(name);
    check_close(c, training_outcome(name, c, 2), reference, kNetTolerance);
  }
}

TEST_CASE("a repeated run gives the same bits", "[backend][contract]") {
  const LayerCase c = two_towers(7);
  for (const std::string& name : subjects()) {
    CAPTURE(name);
    const Outcome first = training_outcome(name, c, 3);
    for (int repeat = 0; repeat < 3; ++repeat) {
      const Outcome again = training_outcome(name, c, 3);
      CHECK(again.scores == first.scores);
      CHECK(again.values == first.values);
    }
  }
}

TEST_CASE("programs of other batches and purposes share one state", "[backend][contract]") {
  const LayerCase c = two_towers(5), one = two_towers(1), eight = two_towers(8);
  const CaseData data = case_data(c), one_row = case_data(one), eight_rows = case_data(eight);
  std::vector<Outcome> outcomes;
  std::vector<std::string> names = subjects();
  names.insert(names.begin(), "reference");
  for (const std::string& name : names) {
    NetState state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const auto backend = tested_backend(name);
      // The first evaluation is compiled before training chooses layouts, the second after.
      const auto before = backend->compile(one.net, state, {.batch = 1});
      run_now(*before, Phase::forward, one_row.input());
      const auto training =
          backend->compile(c.net, state, {.batch = 5, .purpose = Purpose::training});
      const auto micro =
          backend->compile(eight.net, state, {.batch = 8, .purpose = Purpose::training});
      const auto after = backend->compile(eight.net, state, {.batch = 8});
      train(*training, data.input(), 1);
      train(*micro, eight_rows.input(), 1);
      train(*training, data.input(), 1);
      run_now(*before, Phase::forward, one_row.input());
      run_now(*after, Phase::forward, eight_rows.input());
      outcomes.push_back(look(*after, state));
      outcomes.back().gradients.clear();
      outcomes.push_back(look(*before, state));
      outcomes.back().gradients.clear();
    });
  }
  for (std::size_t i = 2; i < outcomes.size(); ++i) {
    CAPTURE(names[i / 2], i % 2);
    CHECK(difference(outcomes[i].scores, outcomes[i % 2].scores) <= kNetTolerance);
    CHECK(difference(outcomes[i].losses, outcomes[i % 2].losses) <= kNetTolerance);
  }
}

TEST_CASE("written parameters reach a compiled program", "[backend][contract]") {
  const LayerCase c = two_towers(2);
  const CaseData data = case_data(c);
  for (const std::string& name : subjects()) {
    CAPTURE(name);
    NetState state(c.net, kStateSeed), other(c.net, kStateSeed + 1);
    Arena arena(2);
    arena.run([&] {
      const auto backend = tested_backend(name);
      const auto program = backend->compile(c.net, state, {.batch = 2});
      const auto expected = backend->compile(c.net, other, {.batch = 2});
      run_now(*program, Phase::forward, data.input());
      for (std::size_t i = 0; i < state.parameters().size(); ++i) state.write(i, other.read(i));
      run_now(*program, Phase::forward, data.input());
      run_now(*expected, Phase::forward, data.input());
      CHECK(std::ranges::equal(program->scores(), expected->scores()));
    });
  }
}

TEST_CASE("kept outputs are those of the reference", "[backend][contract]") {
  const LayerCase c = two_towers(3);
  const CaseData data = case_data(c);
  std::vector<std::string> layers;
  for (std::size_t i = 0; i + 1 < c.net.layers.size(); ++i) layers.push_back(c.net.layers[i].name);
  for (const std::string& name : subjects()) {
    for (const Purpose purpose : {Purpose::evaluation, Purpose::training}) {
      Arena arena(2);
      NetState state(c.net, kStateSeed), reference_state(c.net, kStateSeed);
      arena.run([&] {
        const ProgramOptions all{.batch = 3, .purpose = purpose, .keep = layers};
        const auto program = tested_backend(name)->compile(c.net, state, all);
        const auto reference = tested_backend("reference")->compile(c.net, reference_state, all);
        run_now(*program, Phase::forward, data.input());
        run_now(*reference, Phase::forward, data.input());
        for (const std::string& layer : layers) {
          CAPTURE(name, layer);
          const Tensor expected = reference->output(layer), got = program->output(layer);
          CHECK(got.shape() == expected.shape());
          CHECK(difference(got.values(), expected.values()) <= kTolerance);
        }
      });
      for (const char* const layer : {"relu2", "drop7", "pool1"}) {
        CAPTURE(name, layer);
        arena.run([&] {
          const ProgramOptions one{.batch = 3, .purpose = purpose, .keep = {layer}};
          const auto program = tested_backend(name)->compile(c.net, state, one);
          const auto reference = tested_backend("reference")->compile(c.net, reference_state, one);
          run_now(*program, Phase::forward, data.input());
          run_now(*reference, Phase::forward, data.input());
          CHECK(difference(program->output(layer).values(), reference->output(layer).values()) <=
                kTolerance);
        });
      }
    }
  }
}

TEST_CASE("two programs in one state at the same time are told apart", "[backend][contract]") {
  const LayerCase c = two_towers(2);
  const CaseData data = case_data(c);
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    NetState state(c.net, kStateSeed);
    Arena arena(2);
    arena.run([&] {
      const auto program = tested_backend(name)->compile(c.net, state, {.batch = 2});
      {
        const ProgramLock other_program(state);
        const std::exception_ptr failure = failure_of(*program, Phase::forward, data.input());
        REQUIRE(failure != nullptr);
        CHECK_THROWS_AS(std::rethrow_exception(failure), Error);
      }
      CHECK(failure_of(*program, Phase::forward, data.input()) == nullptr);
    });
  }
}

TEST_CASE("a caller's mistakes are thrown and never told to done", "[backend][contract]") {
  const LayerCase c = two_towers(2);
  const CaseData data = case_data(c);
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    NetState state(c.net, kStateSeed);
    const auto backend = tested_backend(name);
    CHECK_THROWS_AS(backend->compile(c.net, state, {.batch = 0}), Error);
    CHECK_THROWS_AS(backend->compile(c.net, state, {.batch = 1, .keep = {"conv9"}}), Error);
    const auto evaluation = backend->compile(c.net, state, {.batch = 2});
    const auto training =
        backend->compile(c.net, state, {.batch = 2, .purpose = Purpose::training});
    const auto never = [](std::exception_ptr) { FAIL("done was called"); };
    StepInput bad_label = data.input();
    const std::vector<std::int32_t> labels = {0, 4};
    bad_label.labels = labels;
    StepInput short_rows = data.input();
    short_rows.rows = short_rows.rows.first(10);
    CHECK_THROWS_AS(evaluation->run(Phase::update, data.input(), never), Error);
    CHECK_THROWS_AS(training->run(Phase::backward, data.input(), never), Error);
    CHECK_THROWS_AS(training->run(Phase::update, data.input(), never), Error);
    CHECK_THROWS_AS(training->run(Phase::forward, bad_label, never), Error);
    CHECK_THROWS_AS(training->run(Phase::forward, short_rows, never), Error);
    CHECK_THROWS_AS(evaluation->output("conv1"), Error);
    const LayerCase other = layer_cases().front();
    CHECK_THROWS_AS(backend->compile(other.net, state, {.batch = 1}), Error);
  }
}

}  // namespace sluice::test
