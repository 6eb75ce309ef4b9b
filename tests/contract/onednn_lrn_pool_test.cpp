// An LRN and the max-pool right behind it run as one layer: against the reference backend, and
// bit by bit against the same two layers apart (a program that must keep the LRN's output cannot
// join them).
#include <string>
#include <vector>

#include "runtime/backend/make_backend.h"
#include "runtime/backend/onednn/onednn.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

constexpr double kTolerance = 1e-5;  // of the norm
constexpr int kClasses = 4;

struct Pair {
  std::string name;
  int maps = 16;
  int side = 13;
  int towers = 1;
  MaxPool pool{.kernel = 3, .stride = 2};
  Lrn lrn{.alpha = 0.5, .k = 1.5};
};

std::vector<Pair> pairs() {
  return {
      {.name = "AlexNet's, two towers", .maps = 48, .side = 15, .towers = 2},
      {.name = "whole vectors", .maps = 32, .side = 9},
      {.name = "maps that fill no vector", .maps = 7, .side = 13},
      {.name = "towers that fill no vector", .maps = 38, .side = 11, .towers = 2},
      {.name = "one map a tower", .maps = 2, .side = 5, .towers = 2},
      {.name = "windows over the edge", .maps = 24, .side = 12},
      {.name = "windows over the edge left out",
       .maps = 24,
       .side = 12,
       .pool = {.kernel = 3, .stride = 2, .rounding = MaxPool::Rounding::down}},
      {.name = "windows side by side", .maps = 20, .side = 10, .pool = {.kernel = 2}},
      {.name = "gaps between windows", .maps = 20, .side = 11, .pool = {.kernel = 2, .stride = 3}},
      {.name = "a window at every pixel",
       .maps = 18,
       .side = 6,
       .pool = {.kernel = 3, .stride = 1}},
      {.name = "one window for all", .maps = 9, .side = 4, .pool = {.kernel = 4, .stride = 4}},
      {.name = "another power",
       .maps = 21,
       .side = 9,
       .lrn = {.alpha = 0.5, .beta = 0.6, .k = 1.0}},
      {.name = "wide neighbourhoods",
       .maps = 40,
       .side = 7,
       .towers = 2,
       .lrn = {.size = 9, .alpha = 0.5}},
      {.name = "no neighbours", .maps = 17, .side = 7, .lrn = {.size = 1, .alpha = 0.5}}};
}

enum class Before { convolution, relu };

// Gradients of `conv` are made of the pair's input gradient.
LayerCase case_of(const Pair& pair, Before before, std::vector<float> row_weights) {
  Lrn lrn = pair.lrn;
  lrn.towers = pair.towers;
  const Start wide{.deviation = 0.5, .bias = 0.1};
  LayerCase c{.name = pair.name,
              .net = {.name = "pair", .channels = 3, .side = pair.side},
              .batch = static_cast<int>(row_weights.size()),
              .row_weights = std::move(row_weights)};
  c.net.layers.push_back({"conv", Conv2d{.out_channels = pair.maps}, wide, "conv"});
  if (before == Before::relu) c.net.layers.push_back({"relu", Relu{}, {}, ""});
  c.net.layers.push_back({"norm", lrn, {}, ""});
  c.net.layers.push_back({"pool", pair.pool, {}, ""});
  // Scores stay small: 1 - p would cancel.
  c.net.layers.push_back({"scores", FullyConnected{kClasses}, {.deviation = 0.02}, "scores"});
  c.net.layers.push_back({"loss", SoftmaxLoss{}, {}, ""});
  return c;
}

struct Outcome {
  std::vector<float> pooled, scores;
  std::vector<std::vector<float>> gradients;  // canonical; empty in evaluation
  std::size_t bytes = 0;
};

struct How {
  std::string backend = "onednn";
  Purpose purpose = Purpose::training;
  std::vector<std::string> keep{"pool"};
  int threads = 2;
};

Outcome outcome(const LayerCase& c, const How& how) {
  const CaseData data = case_data(c);
  NetState state(c.net, 17);
  Outcome found;
  Arena arena(how.threads);
  arena.run([&] {
    const auto program =
        make_backend(how.backend)
            ->compile(c.net, state, {.batch = c.batch, .purpose = how.purpose, .keep = how.keep});
    run_now(*program, Phase::forward, data.input());
    const Tensor pooled = program->output("pool");
    found.pooled.assign(pooled.values().begin(), pooled.values().end());
    found.scores.assign(program->scores().begin(), program->scores().end());
    found.bytes = program->bytes();
    if (how.purpose == Purpose::evaluation) return;
    run_now(*program, Phase::backward, data.input());
    for (const Parameter& parameter : state.parameters()) {
      found.gradients.push_back(canonical_gradient(parameter));
    }
  });
  return found;
}

void check_close(const LayerCase& c, const Outcome& found, const Outcome& expected) {
  CHECK(difference(counting(c, found.pooled), counting(c, expected.pooled)) <= kTolerance);
  CHECK(difference(counting(c, found.scores), counting(c, expected.scores)) <= kTolerance);
  REQUIRE(found.gradients.size() == expected.gradients.size());
  for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
    CAPTURE(i);
    CHECK(difference(found.gradients[i], expected.gradients[i]) <= kTolerance);
  }
}

template <class Check>
void for_each_case(const Check& check) {
  for (const Pair& pair : pairs()) {
    for (const Before before : {Before::convolution, Before::relu}) {
      for (const std::vector<float>& rows :
           {std::vector<float>{1}, std::vector<float>{1, 1, 1}, std::vector<float>{0, 1, 1, 0}}) {
        CAPTURE(pair.name, before == Before::relu, rows.size());
        check(case_of(pair, before, rows));
      }
    }
  }
}

}  // namespace

TEST_CASE("LRN and max-pool in one agree with the reference", "[backend][onednn]") {
  for_each_case([](const LayerCase& c) {
    for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
      CAPTURE(purpose == Purpose::training);
      check_close(c, outcome(c, {.purpose = purpose}),
                  outcome(c, {.backend = "reference", .purpose = purpose}));
    }
  });
}

TEST_CASE("LRN and max-pool in one give the bits of the two apart", "[backend][onednn]") {
  for_each_case([](const LayerCase& c) {
    for (const Purpose purpose : {Purpose::training, Purpose::evaluation}) {
      CAPTURE(purpose == Purpose::training);
      const Outcome together = outcome(c, {.purpose = purpose});
      const Outcome apart = outcome(c, {.purpose = purpose, .keep = {"norm", "pool"}});
      CHECK(together.pooled == apart.pooled);
      CHECK(together.scores == apart.scores);
      CHECK(together.gradients == apart.gradients);
    }
  });
}

TEST_CASE("LRN and max-pool in one give the same bits on any threads and beside any rows",
          "[backend][onednn]") {
  for (const Pair& pair : pairs()) {
    CAPTURE(pair.name);
    // No convolution in front: oneDNN's may depend on threads and batch.
    LayerCase c = case_of(pair, Before::relu, {1, 1, 1});
    c.net.layers.erase(c.net.layers.begin());
    c.net.channels = pair.maps;
    const CaseData data = case_data(c);
    const auto pooled = [&](int threads, std::size_t first, std::size_t rows) {
      std::vector<float> values;
      Arena arena(threads);
      arena.run([&] {
        NetState state(c.net, 17);
        const auto program = make_backend("onednn")->compile(
            c.net, state, {.batch = static_cast<int>(rows), .keep = {"pool"}});
        StepInput input = data.input();
        const std::size_t row = data.rows.size() / 3;
        input.rows = input.rows.subspan(first * row, rows * row);
        input.labels = input.labels.first(rows);
        input.row_weights = input.row_weights.first(rows);
        program->run(Phase::forward, input, [](std::exception_ptr f) { REQUIRE(f == nullptr); });
        const Tensor output = program->output("pool");
        values.assign(output.values().begin(), output.values().end());
      });
      return values;
    };
    const std::vector<float> all = pooled(2, 0, 3);
    CHECK(pooled(1, 0, 3) == all);
    CHECK(pooled(5, 0, 3) == all);
    const std::vector<float> last = pooled(2, 2, 1);
    CHECK(std::equal(last.begin(), last.end(), all.end() - static_cast<std::ptrdiff_t>(last.size()),
                     all.end()));
  }
}

TEST_CASE("what an LRN gives is not stored where the max-pool behind it takes it",
          "[backend][onednn]") {
  const LayerCase c = case_of(pairs().front(), Before::relu, {1, 1, 1});
  const std::size_t norm = 3 * 48 * 15 * 15 * sizeof(float);
  CHECK(outcome(c, {}).bytes + norm <= outcome(c, {.keep = {"norm", "pool"}}).bytes);
}

TEST_CASE("LRN and max-pool in another order agree with the reference", "[backend][onednn]") {
  const Layer relu{"relu", Relu{}, {}, ""}, second_pool{"pool2", MaxPool{.kernel = 2}, {}, ""};
  for (const Pair& pair : pairs()) {
    if (pair.side < 9) continue;
    LayerCase reversed = case_of(pair, Before::relu, {1, 0, 1});
    std::swap(reversed.net.layers[2], reversed.net.layers[3]);
    LayerCase between =
        case_of(pair, Before::convolution, {1, 0, 1});  // conv1 of the authors' code
    between.net.layers.insert(between.net.layers.begin() + 2, relu);
    LayerCase twice = case_of(pair, Before::relu, {1, 0, 1});
    twice.net.layers.insert(twice.net.layers.begin() + 4, second_pool);
    for (const LayerCase& c : {reversed, between, twice}) {
      CAPTURE(c.name, c.net.layers[2].name, c.net.layers.size());
      check_close(c, outcome(c, {}), outcome(c, {.backend = "reference"}));
    }
  }
}

}  // namespace sluice::test
