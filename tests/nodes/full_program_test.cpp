// One program for batches of many sizes, on each backend of the CPU.
#include "nodes/full_program.h"

#include <algorithm>
#include <cmath>

#include "runtime/arena.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "runtime/random.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

constexpr int kBatch = 3;
constexpr Extent kSquare{12, 12};

// Layers learn differently, so that one taken for another shows.
Net small_net() {
  const Start start{.deviation = 0.2, .bias = 0.1};
  Net net{.name = "small",
          .channels = 3,
          .side = 12,
          .layers = {{"conv1", Conv2d{.out_channels = 10, .kernel = 3, .pad = {1, 1}}, start, "f0"},
                     {"relu1", Relu{}},
                     {"pool1", MaxPool{}},
                     {"fc6", FullyConnected{19}, start, "c0"},
                     {"relu6", Relu{}},
                     {"drop6", Dropout{}},
                     {"fc7", FullyConnected{5}, start, "c1"},
                     {"loss", SoftmaxLoss{}}}};
  net.layers[0].learning.frozen = true;
  net.layers[3].learning.weight_rate = 0.5;
  net.layers[6].learning.bias_rate = 2.0;
  return net;
}

constexpr double kLayerRates[] = {1.0, 1.0, 1.0, 0.25, 1.0, 1.0, 3.0, 1.0};

struct Step {
  Extent extent;
  int rows = kBatch;  // that count
};

void run_step(Program& program, const Step& step, std::uint32_t number) {
  Random random({.seed = 3, .sample = number, .stream = stream_id("test/full")});
  const std::size_t used = kBatch * 3 * static_cast<std::size_t>(step.extent.pixels());
  std::vector<float> rows(used + 100, 9.0F);  // room behind them
  for (float& value : std::span(rows).first(used))
    value = static_cast<float>(random.uniform() - 0.5);
  const std::vector<std::int32_t> labels{1, 4, 0};
  std::vector<float> weights(kBatch, 0.0F);
  std::fill_n(weights.begin(), step.rows, 1.0F);
  const StepInput input{.rows = rows,
                        .extent = step.extent,
                        .labels = labels,
                        .row_weights = weights,
                        .seed = 7,
                        .step = number,
                        .rate = 0.1,
                        .layer_rates = kLayerRates};
  for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
    program.run(phase, input, [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
}

struct Trained {
  std::vector<float> parameters;
  std::vector<float> scores;  // of the last step
  int compiled = 0;
};

Trained train_full(const std::string& backend_name, const std::vector<Step>& steps,
                   std::size_t kept_bytes) {
  Trained trained;
  Arena arena(2);
  arena.run([&] {
    const Net net = small_net();
    NetState state(net, 5);
    const auto backend = make_backend(backend_name);
    FullProgram program(
        {.net = net,
         .state = state,
         .backend = *backend,
         .options = {.batch = kBatch, .purpose = Purpose::training, .rule = SgdRule{}}},
        {.kept_bytes = kept_bytes, .bytes = kept_bytes});
    for (std::uint32_t i = 0; i < steps.size(); ++i) run_step(program, steps[i], i);
    trained.scores.assign(program.scores().begin(), program.scores().end());
    trained.compiled = program.compiled();
    for (std::size_t p = 0; p < state.parameters().size(); ++p)
      for (const float value : state.read(p)) trained.parameters.push_back(value);
  });
  return trained;
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

bool has_onednn() {
  try {
    (void)make_backend("onednn");
    return true;
  } catch (const Error&) {  // a build without it
    return false;
  }
}

const std::vector<Step> kSizes{{kSquare}, {{20, 14}}, {{12, 18}, 2}, {kSquare, 1}, {{20, 14}}};

TEST_CASE("steps of many sizes train one net alike on every backend of the CPU", "[nodes][full]") {
  if (!has_onednn()) return;
  const Trained slow = train_full("reference", kSizes, 1 << 30);
  const Trained fast = train_full("onednn", kSizes, 1 << 30);
  CHECK(difference(slow.parameters, fast.parameters) < 1e-5);
  CHECK(difference(slow.scores, fast.scores) < 1e-4);
}

TEST_CASE("a batch of few images costs a program of few rows, and says zeros of the rest",
          "[nodes][full]") {
  const Trained two = train_full("reference", {{kSquare}, {kSquare, 1}}, 1 << 30);
  CHECK(two.compiled == 2);
  REQUIRE(two.scores.size() == kBatch * 5);
  CHECK(std::ranges::count(two.scores, 0.0F) == 2 * 5);
}

TEST_CASE("programs that are dropped and made again change nothing", "[nodes][full]") {
  const Trained all = train_full("reference", kSizes, 1 << 30);
  const Trained one = train_full("reference", kSizes, 1);
  CHECK(all.compiled == 4);
  CHECK(one.compiled == 5);
  CHECK(all.parameters == one.parameters);
}

TEST_CASE("on the net's own square whole images train as crops do, dropout and all",
          "[nodes][full]") {
  std::vector<std::string> backends{"reference"};
  if (has_onednn()) backends.emplace_back("onednn");
  for (const std::string& name : backends) {
    const std::vector<Step> squares{{kSquare}, {kSquare, 2}, {kSquare}};
    const Trained full = train_full(name, squares, 1 << 30);
    std::vector<float> crops;
    Arena arena(2);
    arena.run([&] {
      const Net net = small_net();
      NetState state(net, 5);
      const auto backend = make_backend(name);
      const auto program = backend->compile(
          net, state, {.batch = kBatch, .purpose = Purpose::training, .rule = SgdRule{}});
      struct Exactly final : Program {  // rows without the room behind them
        explicit Exactly(Program& p) : program(p) {}
        void run(Phase phase, const StepInput& input, Completion done) override {
          StepInput own = input;
          own.rows = input.rows.first(kBatch * 3 * 144);
          program.run(phase, own, std::move(done));
        }
        std::span<const float> scores() const override { return program.scores(); }
        std::span<const float> row_losses() const override { return program.row_losses(); }
        Tensor output(std::string_view layer) const override { return program.output(layer); }
        std::size_t bytes() const override { return program.bytes(); }
        Program& program;
      } exactly(*program);
      for (std::uint32_t i = 0; i < squares.size(); ++i) run_step(exactly, squares[i], i);
      for (std::size_t p = 0; p < state.parameters().size(); ++p)
        for (const float value : state.read(p)) crops.push_back(value);
    });
    CHECK(difference(full.parameters, crops) < 1e-6);
  }
}

TEST_CASE("a program of many sizes says what it cannot do", "[nodes][full]") {
  const Net net = small_net();
  Arena arena(1);
  arena.run([&] {
    NetState state(net, 5);
    const auto backend = make_backend("reference");
    FullProgram program({.net = net, .state = state, .backend = *backend}, {});
    CHECK(program.scores().empty());
    CHECK_THROWS_AS(program.output("fc7"), Error);
    CHECK_THROWS_AS(program.run(Phase::backward, {}, [](std::exception_ptr) {}), Error);
  });
}

}  // namespace
}  // namespace sluice::nodes
