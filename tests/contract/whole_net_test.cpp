// One training step of the whole AlexNet at its published size: every backend against the
// reference.
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "runtime/backend/make_backend.h"
#include "runtime/random.h"
#include "tests/support/catch.h"
#include "tests/support/steps.h"

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

Trained train_one_step(const std::string& name, const Net& net, const Step& step) {
  Trained result;
  NetState state(net, 1);
  Arena arena(2);
  arena.run([&] {
    const auto backend = make_backend(name);
    const auto program =
        backend->compile(net, state, {.batch = kBatch, .purpose = Purpose::training});
    run_now(*program, Phase::forward, step.input());
    result.scores.assign(program->scores().begin(), program->scores().end());
    run_now(*program, Phase::backward, step.input());
    for (const Parameter& parameter : state.parameters()) {
      result.gradients.push_back(canonical_gradient(parameter));
    }
    run_now(*program, Phase::update, step.input());
    for (std::size_t i = 0; i < state.parameters().size(); ++i)
      result.values.push_back(state.read(i));
  });
  return result;
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
