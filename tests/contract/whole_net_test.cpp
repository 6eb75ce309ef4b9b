// One training step of the whole AlexNet at its published size: every backend against the
// reference.
#include <algorithm>
#include <cmath>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "runtime/backend/make_backend.h"
#include "runtime/random.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

constexpr int kBatch = 2;
constexpr int kClasses = 20;

struct Step {
  std::vector<float> rows;
  std::vector<std::int32_t> labels = {3, 17};
  std::vector<float> weights = {1, 1};

  StepInput input() const {
    return {
        .rows = rows, .labels = labels, .row_weights = weights, .seed = 9, .step = 4, .rate = 0.01};
  }
};

struct Trained {
  std::vector<float> scores;
  std::vector<std::vector<float>> gradients;  // canonical
  std::vector<std::vector<float>> values;     // after the update
};

Step random_step(const Net& net) {
  Step step;
  step.rows.resize(static_cast<std::size_t>(kBatch * net.side * net.side * net.channels));
  Random random({.seed = 2, .stream = stream_id("test/rows")});
  for (float& value : step.rows) value = static_cast<float>(random.normal());
  return step;
}

void run_phase(Program& program, Phase phase, const StepInput& input) {
  std::promise<std::exception_ptr> told;
  program.run(phase, input, [&](std::exception_ptr failure) { told.set_value(failure); });
  if (const auto failure = told.get_future().get()) std::rethrow_exception(failure);
}

Trained train_one_step(const std::string& name, const Net& net, const Step& step) {
  Trained result;
  NetState state(net, 1);
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_backend(name);
    const auto program =
        backend->compile(net, state, {.batch = kBatch, .purpose = Purpose::training});
    run_phase(*program, Phase::forward, step.input());
    result.scores.assign(program->scores().begin(), program->scores().end());
    run_phase(*program, Phase::backward, step.input());
    for (const Parameter& parameter : state.parameters()) {
      result.gradients.emplace_back(static_cast<std::size_t>(parameter.info.shape.elements()));
      parameter.layout->to_canonical(parameter.gradient.values(), result.gradients.back());
    }
    run_phase(*program, Phase::update, step.input());
    for (std::size_t i = 0; i < state.parameters().size(); ++i)
      result.values.push_back(state.read(i));
  });
  return result;
}

// Norm of the difference over the norm of what is expected.
double difference(const std::vector<float>& found, const std::vector<float>& expected) {
  double off = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double e = static_cast<double>(expected[i]);
    const double d = static_cast<double>(found[i]) - e;
    off += d * d;
    norm += e * e;
  }
  return norm == 0.0 ? std::sqrt(off) : std::sqrt(off / norm);
}

}  // namespace

TEST_CASE("a step of the whole AlexNet agrees between backends", "[backend][contract]") {
  Net net = nodes::alexnet({.classes = kClasses});
  for (Layer& layer : net.layers) layer.start = {.weights = Start::Weights::he_normal};
  const Step step = random_step(net);
  const Trained expected = train_one_step("reference", net, step);
  for (const std::string& name : available_backends()) {
    if (name == "reference") continue;
    CAPTURE(name);
    const Trained found = train_one_step(name, net, step);
    CHECK(difference(found.scores, expected.scores) < 1e-5);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      CAPTURE(parameters(net)[i].file_name);
      // A ReLU whose input rounds to the other side of 0 moves a few gradients by more than
      // rounding.
      CHECK(difference(found.gradients[i], expected.gradients[i]) < 1e-4);
      CHECK(difference(found.values[i], expected.values[i]) < 1e-5);
    }
  }
}

}  // namespace sluice::test
