// What is particular to the oneDNN backend in LeNet-5's layers, same-map LRN, losses and frozen
// layers; that they agree with the reference is the contract suite's.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "nodes/nets/lenet.h"
#include "runtime/backend/make_backend.h"
#include "runtime/backend/onednn/onednn.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

using Values = std::vector<float>;

const std::vector<Phase> kStep = {Phase::forward, Phase::backward, Phase::update};

struct How {
  std::string backend = "onednn";
  int threads = 2;
  int steps = 1;
  UpdateRule rule = SgdRule{};
  double rate = 0.01;
};

// What some steps leave in a state, canonical.
struct Outcome {
  Values losses, scores;
  std::vector<Values> values, gradients;
};

Outcome look(const Program& program, const NetState& state) {
  Outcome outcome{.losses = {program.row_losses().begin(), program.row_losses().end()},
                  .scores = {program.scores().begin(), program.scores().end()},
                  .values = {},
                  .gradients = {}};
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    outcome.values.push_back(state.read(i));
    outcome.gradients.push_back(canonical_gradient(state.parameters()[i]));
  }
  return outcome;
}

Outcome train(const LayerCase& c, const CaseData& data, const How& how) {
  NetState state(c.net, 17);
  Outcome outcome;
  Arena arena(how.threads);
  arena.run([&] {
    const auto program =
        make_backend(how.backend)
            ->compile(c.net, state,
                      {.batch = c.batch, .purpose = Purpose::training, .rule = how.rule});
    StepInput input = data.input();
    input.rate = how.rate;
    for (int step = 0; step < how.steps; ++step, ++input.step) {
      for (const Phase phase : kStep) run_now(*program, phase, input);
    }
    outcome = look(*program, state);
  });
  return outcome;
}

Outcome train(const LayerCase& c, const How& how) { return train(c, case_data(c), how); }

std::vector<UpdateRule> rules(double l1) {
  return {SgdRule{.l2 = 0.1, .l1 = l1},
          SgdRule{.l2 = 0.1, .l1 = l1, .form = SgdRule::Form::pytorch},
          SgdRule{.l2 = 0.1, .l1 = l1, .form = SgdRule::Form::nesterov}, DiagonalLmRule{}};
}

LayerCase lenet_1998(int batch) {
  return {.name = "LeNet-5 of 1998", .net = nodes::lenet({.variant = "1998"}), .batch = batch};
}

// Stored values that a layout gives no place in the canonical ones.
bool only_canonical(const Parameter& parameter, const Tensor& stored) {
  Values canonical(static_cast<std::size_t>(parameter.info.shape.elements()));
  Values again(stored.values().size());
  parameter.layout->to_canonical(stored.values(), canonical);
  parameter.layout->from_canonical(canonical, again);
  return std::ranges::equal(again, stored.values());
}

// Three layers that learn: 0, 2 and 4, of which `frozen` do not.
LayerCase three_layers(const std::vector<std::size_t>& frozen) {
  const Start wide{.deviation = 0.3, .bias = 0.1};
  LayerCase c{.name = "three layers", .net = {.name = "three", .channels = 3, .side = 7}};
  c.net.layers = {{"conv", Conv2d{.out_channels = 8, .kernel = 3}, wide, "a"},
                  {"tanh", Tanh{}, {}, ""},
                  {"part", Subsample{.side = 5}, wide, "b"},
                  {"relu", Relu{}, {}, ""},
                  {"fc", FullyConnected{4}, wide, "c"},
                  {"loss", SoftmaxLoss{}, {}, ""}};
  for (const std::size_t layer : frozen) c.net.layers[layer].learning.frozen = true;
  return c;
}

bool all_zero(const Values& values) {
  return std::ranges::count(values, 0.0F) == static_cast<std::ptrdiff_t>(values.size());
}

std::vector<std::string> passes(const Net& net) {
  NetState state(net, 1);
  std::vector<std::string> found;
  Arena arena(2);
  arena.run([&] {
    const auto program =
        make_backend("onednn")->compile(net, state, {.batch = 2, .purpose = Purpose::training});
    for (const auto& i : onednn::implementations(*program)) found.push_back(i.layer + " " + i.use);
  });
  return found;
}

}  // namespace

TEST_CASE("connections that a table leaves out stay 0 under every rule", "[backend][onednn]") {
  const LayerCase c = lenet_1998(2);
  const CaseData data = case_data(c);
  for (const UpdateRule& rule : rules(0.1)) {
    CAPTURE(rule.index());
    NetState state(c.net, 17);
    Arena arena(2);
    arena.run([&] {
      const auto program = make_backend("onednn")->compile(
          c.net, state, {.batch = 2, .purpose = Purpose::training, .rule = rule});
      for (int step = 0; step < 3; ++step) {
        for (const Phase phase : kStep) run_now(*program, phase, data.input());
      }
    });
    for (const Parameter& parameter : state.parameters()) {
      CAPTURE(parameter.info.file_name);
      CHECK(only_canonical(parameter, parameter.values));
      CHECK(only_canonical(parameter, parameter.gradient));
      CHECK(only_canonical(parameter, parameter.velocity));
    }
  }
}

TEST_CASE("LeNet-5 of 1998 follows the reference, one row a step", "[backend][onednn]") {
  const LayerCase c = lenet_1998(1);
  for (const UpdateRule& rule : rules(0.0)) {  // L1 turns on the sign of what rounding leaves of 0
    CAPTURE(rule.index());
    const Outcome found = train(c, {.threads = 1, .steps = 10, .rule = rule, .rate = 2e-4});
    const Outcome expected =
        train(c, {.backend = "reference", .steps = 10, .rule = rule, .rate = 2e-4});
    CHECK(difference(found.scores, expected.scores) <= 1e-4);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      CAPTURE(i);
      CHECK(difference(found.values[i], expected.values[i]) <= 1e-5);
    }
  }
}

TEST_CASE("LeNet-5's layers are on fast code, C5 as a fully connected one", "[backend][onednn]") {
  const LayerCase c = lenet_1998(1);
  NetState state(c.net, 1);
  Arena arena(2);
  arena.run([&] {
    const auto program =
        make_backend("onednn")->compile(c.net, state, {.batch = 1, .purpose = Purpose::training});
    const auto all = onednn::implementations(*program);
    CHECK(all.size() == 4 * 3 - 1);
    for (const onednn::Implementation& i : all) {
      CAPTURE(i.layer, i.use, i.name);
      CHECK(i.name.find("ref") == i.name.npos);
      CHECK((i.layer != "c5" || i.name.find("conv") == i.name.npos));
    }
  });
}

TEST_CASE("a row that does not count leaves no trace, whatever the layers", "[backend][onednn]") {
  for (const char* const name :
       {"a small LeNet", "same-map lrn strong enough to matter", "codes and hinge-loss",
        "max-pool 2x2 without the odd plane's last pixels", "subsampling 3x3"}) {
    CAPTURE(name);
    LayerCase c = layer_case(name);
    c.batch = 3;
    c.row_weights = {1, 0, 1};
    const CaseData clean = case_data(c);
    CaseData dirty = clean;
    const auto row = static_cast<std::ptrdiff_t>(dirty.rows.size() / 3);
    std::fill_n(dirty.rows.begin() + row, row, std::nanf(""));
    dirty.labels[1] = -7;
    const Outcome found = train(c, dirty, {.steps = 2}), expected = train(c, clean, {.steps = 2});
    CHECK(found.losses[1] == 0.0F);
    CHECK(found.values == expected.values);
    CHECK(found.gradients == expected.gradients);
    CHECK(difference(found.values[0], expected.values[0]) == 0.0);  // and are numbers
  }
}

TEST_CASE("layers of our own give the same bits on any threads", "[backend][onednn]") {
  LayerCase c{.name = "own layers", .net = {.name = "own", .channels = 5, .side = 30}, .batch = 7};
  c.net.layers = {{"part", Subsample{}, {.deviation = 0.3, .bias = 0.1}, "a"},
                  {"tanh", Tanh{}, {}, ""},
                  {"norm", SameMapLrn{.alpha = 5.0}, {}, ""},
                  {"pool", MaxPool{.rounding = MaxPool::Rounding::down}, {}, ""},
                  {"part2", Subsample{.side = 7}, {.deviation = 0.3, .bias = 0.1}, "b"},
                  {"fc", FullyConnected{4}, {.deviation = 0.3}, "c"},
                  {"loss", HingeLoss{}, {}, ""}};
  const Outcome one = train(c, {.threads = 1});
  for (const int threads : {2, 5}) {
    CAPTURE(threads);
    const Outcome many = train(c, {.threads = threads});
    CHECK(many.gradients == one.gradients);
    CHECK(many.losses == one.losses);
  }
}

TEST_CASE("a frozen layer passes gradients on and has none", "[backend][onednn]") {
  const Outcome all = train(three_layers({}), {});
  for (const char* const backend : {"onednn", "reference"}) {
    CAPTURE(backend);
    const Outcome middle = train(three_layers({2}), {.backend = backend});
    for (const std::size_t learns : {0U, 1U, 4U, 5U}) {
      CHECK(difference(middle.gradients[learns], all.gradients[learns]) <= 1e-6);
    }
    for (const std::size_t frozen : {2U, 3U}) CHECK(all_zero(middle.gradients[frozen]));
  }
}

TEST_CASE("nothing is computed for frozen layers that nobody needs", "[backend][onednn]") {
  using Passes = std::vector<std::string>;
  CHECK(passes(three_layers({}).net) == Passes{"conv forward", "conv backward weights",
                                               "fc forward", "fc backward data",
                                               "fc backward weights"});
  CHECK(passes(three_layers({0, 2}).net) ==
        Passes{"conv forward", "fc forward", "fc backward weights"});
  CHECK(passes(three_layers({4}).net) ==
        Passes{"conv forward", "conv backward weights", "fc forward", "fc backward data"});
  CHECK(passes(three_layers({0, 2, 4}).net) == Passes{"conv forward", "fc forward"});
}

TEST_CASE("a net whose layers are all frozen stays as it is", "[backend][onednn]") {
  const LayerCase c = three_layers({0, 2, 4});
  const Outcome found = train(c, {.steps = 3});
  const NetState start(c.net, 17);
  for (std::size_t i = 0; i < found.values.size(); ++i) {
    CHECK(found.values[i] == start.read(i));
    CHECK(all_zero(found.gradients[i]));
  }
}

TEST_CASE("gradients of another program do not look like those of a frozen layer",
          "[backend][onednn]") {
  const LayerCase free = three_layers({}), frozen = three_layers({0, 2});
  const CaseData data = case_data(free);
  NetState state(free.net, 17);
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_backend("onednn");
    const ProgramOptions options{.batch = free.batch, .purpose = Purpose::training};
    const auto first = backend->compile(free.net, state, options);
    run_now(*first, Phase::forward, data.input());
    run_now(*first, Phase::backward, data.input());
    CHECK_FALSE(all_zero(canonical_gradient(state.parameters()[0])));
    const auto second = backend->compile(frozen.net, state, options);
    run_now(*second, Phase::forward, data.input());
    run_now(*second, Phase::backward, data.input());
  });
  for (std::size_t i = 0; i < 4; ++i) CHECK(all_zero(canonical_gradient(state.parameters()[i])));
  CHECK_FALSE(all_zero(canonical_gradient(state.parameters()[4])));
}

}  // namespace sluice::test
