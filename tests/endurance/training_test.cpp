// A hundred thousand steps of a tiny net: every step once, in order, and memory stays where it is.
#include <fmt/core.h>

#include <cmath>

#include "graph/account/closes.h"
#include "nodes/scale.h"
#include "nodes/train_step.h"
#include "nodes/watch.h"
#include "runtime/backend/make_backend.h"
#include "tests/endurance/memory_slope.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

constexpr int kBatch = 4;
constexpr int kStepsAnEpoch = 1000;
constexpr int kEpochs = kSanitized ? 10 : 100;

Net tiny_net() {
  return {.name = "tiny",
          .variant = "test",
          .channels = 3,
          .side = 8,
          .layers = {{.name = "conv",
                      .spec = Conv2d{.out_channels = 8, .kernel = 3, .pad = {1, 1}},
                      .start = {.weights = Start::Weights::he_normal},
                      .file_name = "conv"},
                     {.name = "relu", .spec = Relu{}},
                     {.name = "pool", .spec = MaxPool{}},
                     {.name = "fc",
                      .spec = FullyConnected{.out_features = 7},
                      .start = {.weights = Start::Weights::he_normal},
                      .file_name = "fc"},
                     {.name = "loss", .spec = SoftmaxLoss{}}}};
}

// What came out of the last node, step by step.
struct Course {
  std::uint32_t steps = 0;
  std::int64_t rows = 0;
  std::int64_t out_of_order = 0;
  std::int64_t not_finite = 0;
  double loss = 0.0;  // of the current epoch, a row

  void look(const graph::Batch& batch) {
    if (batch.step != steps++ || batch.number != batch.step % kStepsAnEpoch) ++out_of_order;
    for (int row = 0; row < batch.count; ++row) {
      const auto at = static_cast<std::size_t>(row);
      if (batch.row_weights[at] == 0.0F) continue;
      ++rows;
      if (!std::isfinite(batch.row_losses[at])) ++not_finite;
      loss += static_cast<double>(batch.row_losses[at]) / (kBatch * kStepsAnEpoch);
    }
  }
};

struct Trained {
  Course course;
  MemorySlope memory;
  double first_loss = 0.0;
  std::uint32_t clock = 0;
  bool closes = false;
};

Trained train(Arena& arena) {
  Trained result;
  const Net net = tiny_net();
  NetState state(net, 1);
  const auto backend = make_backend("auto");
  std::unique_ptr<Program> program;
  arena.run([&] {
    program = backend->compile(net, state, {.batch = kBatch, .purpose = Purpose::training});
  });
  nodes::TrainingClock clock{.seed = 1, .rate = 0.001};
  const nodes::StepContext context{.program = program.get(), .clock = &clock};
  auto world = std::make_shared<World>();
  world->width = 10;
  world->height = 9;
  world->faults.decode = {17};  // once an epoch a row that does not count
  graph::Pipeline pipeline(
      arena, {.batch = kBatch, .slots = 3, .memory_bytes = 4'000'000},
      images(world) | Cut{.world = world, .side = 8} | Tint{world} |
          nodes::Scale{{.divisor = 100.0F}} | MemoryCollate{world} | nodes::Forward{context} |
          nodes::Backward{context} | nodes::Update{context} |
          nodes::Watch{[&](const graph::Batch& batch) { result.course.look(batch); }});
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    result.course.loss = 0.0;
    MemorySource source(kBatch * kStepsAnEpoch, epoch);
    if (pipeline.run(source) != graph::RunEnd::completed) break;
    if (epoch == 0) result.first_loss = result.course.loss;
    result.memory.sample(result.course.steps);
  }
  result.clock = clock.step;
  result.closes = graph::closes(pipeline.account());
  return result;
}

TEST_CASE("a hundred thousand steps of a tiny net come in order, in flat memory",
          "[nodes][endurance]") {
  Arena arena(2);
  const Trained trained = train(arena);
  fmt::print("steps {}, rows {}, loss of an epoch {:.4f} at first, {:.4f} at last\n",
             trained.course.steps, trained.course.rows, trained.first_loss, trained.course.loss);
  fmt::print("{}\n", trained.memory.text("steps"));
  CHECK(trained.course.steps == kEpochs * kStepsAnEpoch);
  CHECK(trained.clock == trained.course.steps);
  CHECK(trained.course.rows == std::int64_t{kEpochs} * (kBatch * kStepsAnEpoch - 1));
  CHECK(trained.course.out_of_order == 0);
  CHECK(trained.course.not_finite == 0);
  CHECK(trained.course.loss < trained.first_loss);
  CHECK(trained.closes);
  if (kSanitized) return;
  CHECK(trained.memory.resident() < 20'000.0);  // bytes per 1000 steps
  CHECK(trained.memory.heap() < 2'000.0);
}

}  // namespace
}  // namespace sluice::test
