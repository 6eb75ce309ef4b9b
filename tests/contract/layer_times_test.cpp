// What programs tell of the cost of each layer, where that was asked for.
#include <chrono>
#include <string>

#include "runtime/arena.h"
#include "runtime/backend/replicas.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"
#include "tests/support/steps.h"
#include "tests/support/tested_backends.h"

namespace sluice::test {
namespace {

constexpr int kSteps = 3;

// A block as AlexNet's: what is fused anywhere is fused here.
Net block() {
  const Start start{.weights = Start::Weights::he_normal};
  return {
      .name = "block",
      .channels = 3,
      .side = 24,
      .layers = {{"conv1",
                  Conv2d{.out_channels = 16, .kernel = 5, .stride = 1, .pad = {2, 2}, .groups = 1},
                  start, "a"},
                 {"relu1", Relu{}, {}, ""},
                 {"norm1", Lrn{}, {}, ""},
                 {"pool1", MaxPool{.kernel = 3, .stride = 2}, {}, ""},
                 {"fc1", FullyConnected{5}, start, "b"},
                 {"loss", SoftmaxLoss{}, {}, ""}}};
}

struct Timed {
  std::vector<LayerRecord> layers;
  double seconds = 0.0;  // of all phases, from outside
};

Timed timed(Backend& backend, const LayerCase& c, LayerTimes times, StepDivision division = {}) {
  NetState state(c.net, 5);
  Timed result;
  Arena arena(2);
  arena.run([&] {
    const auto program = compile_divided(
        backend, c.net, state,
        {.batch = c.batch, .purpose = Purpose::training, .layer_times = times}, division);
    const CaseData data = case_data(c, 1);
    StepInput input = data.input();
    input.rate = 1e-4;
    for (int step = 0; step < kSteps; ++step) {
      input.step = static_cast<std::uint32_t>(step);
      const auto start = std::chrono::steady_clock::now();
      for (const Phase phase : {Phase::forward, Phase::backward, Phase::update})
        run_now(*program, phase, input);
      result.seconds +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    result.layers = program->layers();
  });
  return result;
}

std::string names(const std::vector<LayerRecord>& layers) {
  std::string text;
  for (const LayerRecord& layer : layers) text += (text.empty() ? "" : " ") + layer.name;
  return text;
}

double sum(const std::vector<LayerRecord>& layers) {
  double seconds = 0.0;
  for (const LayerRecord& layer : layers)
    seconds += layer.forward_seconds + layer.backward_seconds + layer.update_seconds;
  return seconds;
}

TEST_CASE("layers are timed where it is asked for, and their times are most of the step's",
          "[backend][layers]") {
  const LayerCase c{.name = "block", .net = block(), .batch = 32};
  for (const std::string& name : tested_backends()) {
    CAPTURE(name);
    const auto backend = tested_backend(name);
    CHECK(timed(*backend, c, LayerTimes::off).layers.empty());
    const Timed on = timed(*backend, c, LayerTimes::on);
    if (!backend->times_layers()) {
      CHECK(on.layers.empty());
      continue;
    }
    CHECK(names(on.layers) == (name == "onednn" ? "conv1+relu1 norm1+pool1 fc1 loss"
                                                : "conv1 relu1 norm1 pool1 fc1 loss"));
    for (const LayerRecord& layer : on.layers) {
      CHECK(layer.steps == kSteps);
      CHECK(layer.forward_seconds > 0.0);
      const bool weighted = layer.name.starts_with("conv") || layer.name.starts_with("fc");
      CHECK((layer.update_seconds > 0.0) == weighted);
    }
    CHECK(sum(on.layers) <= on.seconds);
    CHECK(sum(on.layers) >= 0.5 * on.seconds);
  }
}

TEST_CASE("a step in pieces or on replicas has the times of all of them", "[backend][layers]") {
  const LayerCase c{.name = "block", .net = block(), .batch = 16};
  const auto backend = tested_backend("reference");
  const Timed whole = timed(*backend, c, LayerTimes::on);
  const Timed pieces = timed(*backend, c, LayerTimes::on, {.replicas = 1, .micro_batch = 4});
  const Timed replicas = timed(*backend, c, LayerTimes::on, {.replicas = 2});
  for (const Timed& divided : {pieces, replicas}) {
    CHECK(names(divided.layers) == names(whole.layers));
    CHECK(divided.layers.front().steps == kSteps);
    CHECK(sum(divided.layers) <= divided.seconds);
    CHECK(sum(divided.layers) >= 0.5 * divided.seconds);
  }
}

}  // namespace
}  // namespace sluice::test
