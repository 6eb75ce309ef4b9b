// "Done when" 5: a net that waits, fails at any call, or is cancelled at any moment.
//
// CHECKs stand in the main thread only: Catch2 2 is not thread-safe.
#include <chrono>
#include <random>
#include <thread>

#include "runtime/backend/make_backend.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"
#include "tests/support/failing_program.h"

namespace sluice {
namespace {

constexpr int kSamples = 45;
constexpr int kBatch = 8;
constexpr int kBatches = 6;
constexpr int kCalls = 3 * kBatches;
constexpr int kSlots = 3;

// One phase of a program as a batch node; forward takes the net's token, update gives it back.
template <Phase phase>
struct ProgramNode {
  static constexpr std::string_view kNames[] = {"forward", "backward", "update"};
  static constexpr graph::NodeInfo info{.name = kNames[static_cast<int>(phase)],
                                        .kind = graph::NodeKind::batch};
  static constexpr graph::StepToken token = phase == Phase::forward  ? graph::StepToken::takes
                                            : phase == Phase::update ? graph::StepToken::gives
                                                                     : graph::StepToken::none;
  std::shared_ptr<Program> program;
  test::Delays delays;

  static std::string place() { return "waiting"; }
  void run(graph::Batch& batch, Completion done) {
    delays.sleep();
    program->run(phase,
                 {.rows = batch.rows, .labels = batch.labels, .row_weights = batch.row_weights},
                 std::move(done));
  }
};

Net tiny_net() {
  return {
      .name = "tiny",
      .variant = "test",
      .channels = 3,
      .side = 8,
      .layers = {
          {.name = "fc", .spec = FullyConnected{.out_features = 7}, .start = {}, .file_name = "fc"},
          {.name = "loss", .spec = SoftmaxLoss{}, .start = {}, .file_name = ""}}};
}

struct Trial {
  graph::Executor executor = graph::Executor::flow;
  int delay_us = 0;
  double step_ms = 0.2;
  test::Failure failure;
  int cancel_after_us = -1;
};

struct Outcome {
  std::optional<graph::RunEnd> end;  // none: run threw `cause`
  std::string cause;
  std::vector<test::SeenBatch> seen;  // after update
  int calls = 0;
  int violations = 0;
  int steps_left_inside = 0;
  int free_slots = 0;
  bool closes = false;
  bool ran_again = false;
};

class Bench {
 public:
  explicit Bench(const Trial& trial) : trial_(trial), world_(std::make_shared<test::World>()) {
    world_->delays.max_us = trial.delay_us;
    const Net net = tiny_net();
    state_ = std::make_unique<NetState>(net, 1);
    auto waiting = make_waiting_backend(std::chrono::duration<double, std::milli>(trial.step_ms))
                       ->compile(net, *state_, {.batch = kBatch, .purpose = Purpose::training});
    program_ = test::make_watched_program(
        test::make_failing_program(std::move(waiting), trial.failure), watch_);
  }

  Outcome run(Arena& arena) {
    const test::Delays delays{trial_.delay_us};
    graph::Pipeline pipeline(
        arena,
        {.executor = trial_.executor, .batch = kBatch, .slots = kSlots, .memory_bytes = 4'000'000},
        test::ordinary_stream(world_) | ProgramNode<Phase::forward>{program_, delays} |
            ProgramNode<Phase::backward>{program_, delays} |
            ProgramNode<Phase::update>{program_, delays} | test::Remember{seen_});
    Outcome outcome = first_run(pipeline);
    outcome.free_slots = pipeline.free_slots();
    outcome.closes = test::all_close(pipeline);
    outcome.seen = *seen_;
    outcome.calls = watch_->calls;
    outcome.violations = watch_->violations;
    outcome.steps_left_inside = watch_->steps_inside;
    if (trial_.failure.call > 0) outcome.ran_again = runs_again(pipeline);
    return outcome;
  }

 private:
  Outcome first_run(graph::Pipeline& pipeline) {
    Outcome outcome;
    test::MemorySource source(kSamples, 0);
    std::jthread canceller;
    if (trial_.cancel_after_us >= 0) {
      canceller = std::jthread([&pipeline, us = trial_.cancel_after_us] {
        std::this_thread::sleep_for(std::chrono::microseconds(us));
        pipeline.cancel();
      });
    }
    try {
      outcome.end = pipeline.run(source);
    } catch (const Error& error) {
      outcome.cause = error.what();
    }
    return outcome;
  }

  // Everything came back: the same pipeline does a whole epoch.
  bool runs_again(graph::Pipeline& pipeline) {
    test::MemorySource source(kSamples, 0);
    seen_->clear();
    return pipeline.run(source) == graph::RunEnd::completed && seen_->size() == kBatches &&
           test::all_close(pipeline) && pipeline.free_slots() == kSlots;
  }

  Trial trial_;
  test::SharedWorld world_;
  std::unique_ptr<NetState> state_;
  std::shared_ptr<test::NetWatch> watch_ = std::make_shared<test::NetWatch>();
  std::shared_ptr<Program> program_;
  std::shared_ptr<std::vector<test::SeenBatch>> seen_ =
      std::make_shared<std::vector<test::SeenBatch>>();
};

std::vector<test::SeenBatch> expected_batches() {
  Arena arena(1);
  return Bench({.executor = graph::Executor::serial, .step_ms = 0.0}).run(arena).seen;
}

// What must hold at every kind of end.
void check_in_order(const Outcome& outcome, const std::vector<test::SeenBatch>& expected) {
  REQUIRE(outcome.seen.size() <= expected.size());
  for (std::size_t i = 0; i < outcome.seen.size(); ++i) CHECK(outcome.seen[i] == expected[i]);
  CHECK(outcome.violations == 0);
  CHECK(outcome.free_slots == kSlots);
  CHECK(outcome.closes);
}

// A cancel stops between steps: what the net has begun is finished and reported, so that a
// checkpoint of that moment is of one step.
void check_whole_steps(const Outcome& outcome) {
  CHECK(outcome.calls == 3 * static_cast<int>(outcome.seen.size()));
  CHECK(outcome.steps_left_inside == 0);
}

TEST_CASE(
    "200 runs with a waiting net, random delays and failures at each call in turn end in order",
    "[graph][contract]") {
  const auto expected = expected_batches();
  REQUIRE(expected.size() == kBatches);
  Arena arena(4);
  for (int run = 0; run < 200; ++run) {
    const test::Failure failure{.call = run % (kCalls + 1),
                                .way = static_cast<test::FailureWay>(run / (kCalls + 1) % 3)};
    const int delay_us = run % 4 * 40;
    CAPTURE(run, failure.call, static_cast<int>(failure.way), delay_us);
    const Outcome outcome = Bench({.delay_us = delay_us, .failure = failure}).run(arena);
    check_in_order(outcome, expected);
    if (failure.call == 0) {
      CHECK(outcome.end == graph::RunEnd::completed);
      CHECK(outcome.seen.size() == kBatches);
      CHECK(outcome.steps_left_inside == 0);
    } else {
      CHECK_FALSE(outcome.end.has_value());
      CHECK(outcome.cause == test::failure_text(failure.call));
      CHECK(outcome.calls == failure.call);  // nothing entered the net after the failure
      CHECK(outcome.seen.size() <= static_cast<std::size_t>((failure.call - 1) / 3));
      CHECK(outcome.ran_again);
    }
  }
}

TEST_CASE("200 runs cancelled at random moments end in order", "[graph][contract]") {
  const auto expected = expected_batches();
  Arena arena(4);
  std::minstd_rand random(11);
  int cut = 0;
  for (int run = 0; run < 200; ++run) {
    const int after_us = static_cast<int>(random() % 4000);
    CAPTURE(run, after_us);
    const Outcome outcome =
        Bench({.delay_us = run % 3 * 50, .step_ms = 0.4, .cancel_after_us = after_us}).run(arena);
    check_in_order(outcome, expected);
    REQUIRE(outcome.end.has_value());
    check_whole_steps(outcome);
    if (outcome.seen.size() < kBatches) {
      CHECK(outcome.end == graph::RunEnd::cancelled);
      ++cut;
    }
  }
  CHECK(cut > 20);  // the moments did fall into the runs
}

TEST_CASE("the serial executor and one thread pass the same trials", "[graph][contract]") {
  const auto expected = expected_batches();
  const auto executor = GENERATE(graph::Executor::serial, graph::Executor::flow);
  Arena arena(1);
  for (int call = 0; call <= kCalls; ++call) {
    const test::Failure failure{.call = call, .way = static_cast<test::FailureWay>(call % 3)};
    CAPTURE(static_cast<int>(executor), call);
    const Outcome outcome =
        Bench({.executor = executor, .step_ms = 0.1, .failure = failure}).run(arena);
    check_in_order(outcome, expected);
    CHECK(outcome.cause == (call == 0 ? "" : test::failure_text(call)));
  }
  for (int run = 0; run < 20; ++run) {
    const Outcome outcome =
        Bench({.executor = executor, .step_ms = 0.2, .cancel_after_us = run * 120}).run(arena);
    check_in_order(outcome, expected);
    check_whole_steps(outcome);
    CHECK(outcome.end.has_value());
  }
}

}  // namespace
}  // namespace sluice
