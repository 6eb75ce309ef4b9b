// The engine's shared state under plain threads: every way a run can go. What the tsan preset runs;
// without it the tests still check what came out.
//
// CHECKs stand in the main thread only: Catch2 2 is not thread-safe.
#include <chrono>
#include <deque>
#include <random>
#include <thread>

#include "graph/account/closes.h"
#include "graph/clocks.h"
#include "nodes/train_step.h"
#include "nodes/watch.h"
#include "runtime/backend/make_backend.h"
#include "tests/contract/threaded_pipeline.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"
#include "tests/support/failing_program.h"
#include "tests/support/late_thread.h"

namespace sluice {
namespace {

constexpr int kSamples = 45;
constexpr int kBatch = 8;
constexpr int kBatches = 6;
constexpr int kSlots = 3;

graph::PipelineOptions small_options() {
  return {.batch = kBatch, .slots = kSlots, .memory_bytes = 4'000'000};
}

using Seen = std::shared_ptr<std::vector<test::SeenBatch>>;
Seen nothing_seen() { return std::make_shared<std::vector<test::SeenBatch>>(); }

// A little of everything: records that fail in each node, and one that must run alone.
test::SharedWorld eventful_world() {
  auto world = std::make_shared<test::World>();
  world->faults = {.read = {3}, .inspect = {9}, .decode = {17}, .store = {25}, .small = {33}};
  world->large = {20};
  world->delays.max_us = 60;
  return world;
}

// What the slow twin sees: the same engine in this thread.
std::vector<test::SeenBatch> seen_serially(int epochs) {
  const Seen seen = nothing_seen();
  graph::ThreadLedger ledger(1, graph::serial_slot);
  std::vector<graph::BatchStream> streams;
  streams.push_back(test::ordinary_stream(eventful_world()) | test::Remember{seen});
  graph::Engine engine(small_options(), std::move(streams), ledger);
  const auto executor = graph::make_serial_executor(engine);
  engine.attach(*executor);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    test::MemorySource source(kSamples, static_cast<std::uint32_t>(epoch));
    engine.start_run(source, graph::Drive::to_the_end);
    executor->start();
    executor->wait();
    engine.end_run();
  }
  return *seen;
}

void check_back_in_order(const test::ThreadedPipeline& pipeline) {
  CHECK(pipeline.free_slots() == kSlots);
  CHECK(graph::closes(pipeline.account()));
}

TEST_CASE(
    "plain threads make the batches of the serial twin, with errors, delays and little memory",
    "[graph][threads]") {
  const auto expected = seen_serially(2);
  REQUIRE(expected.size() == 2 * kBatches);
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const Seen seen = nothing_seen();
    const auto measuring = seed % 3 == 0 ? graph::Measuring::off : graph::Measuring::on;
    graph::PipelineOptions options = small_options();
    options.measuring = measuring;
    test::ThreadedPipeline pipeline({.threads = 4, .delay_us = 100, .seed = seed}, options,
                                    test::ordinary_stream(eventful_world()) | test::Remember{seen});
    for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
      test::MemorySource source(kSamples, epoch);
      CHECK(pipeline.run(source) == graph::RunEnd::completed);
    }
    CHECK(*seen == expected);
    check_back_in_order(pipeline);
    if (measuring == graph::Measuring::on) {
      const AccountRecord account = pipeline.account();
      CHECK(test::row(account, "decode").cpu_seconds > 0.0);
      CHECK(test::row(account, "decode").p90_ms > 0.0);
      CHECK(account.cpu_seconds_process > 0.0);
    }
  }
}

TEST_CASE("snapshots beside plain threads that run and trace race with nothing",
          "[graph][threads][snapshot]") {
  graph::TraceRecorder recorder(500);
  graph::PipelineOptions options = small_options();
  options.trace = {&recorder, ""};
  test::ThreadedPipeline pipeline(
      {.threads = 3, .delay_us = 50, .seed = 1}, options,
      test::ordinary_stream(eventful_world()) | test::Remember{nothing_seen()});
  std::int64_t looks = 0, most_out = 0;
  {
    const std::jthread watcher([&](const std::stop_token& end) {
      do {
        const AccountRecord account = pipeline.account();
        most_out = std::max(most_out, account.nodes.back().items_out);
        most_out = std::max(most_out, pipeline.moments().back().items_out);
        looks += pipeline.in_flight().slots_busy >= 0 ? 1 : 0;
      } while (!end.stop_requested());
    });
    for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
      test::MemorySource source(kSamples, epoch);
      CHECK(pipeline.run(source) == graph::RunEnd::completed);
    }
  }
  check_back_in_order(pipeline);
  CHECK(looks > 0);
  CHECK(most_out <= 3 * kBatches);
  const Trace trace = recorder.trace(0);
  CHECK(trace.spans.size() <= 500);
  CHECK_FALSE(trace.rest.empty());
}

// A net that lets time pass on a thread of its own, wrapped so that it can fail, in the three nodes
// that training uses.
class WaitingNet {
 public:
  explicit WaitingNet(const test::Failure& failure)
      : net_({.name = "tiny",
              .variant = "test",
              .channels = 3,
              .side = 8,
              .layers = {{.name = "fc",
                          .spec = FullyConnected{.out_features = 7},
                          .start = {.deviation = 0.0},
                          .file_name = "fc"},
                         {.name = "loss", .spec = SoftmaxLoss{}}}}),
        state_(net_, 1),
        program_(test::make_watched_program(
            test::make_failing_program(
                make_waiting_backend(std::chrono::duration<double, std::milli>(0.2))
                    ->compile(net_, state_, {.batch = kBatch, .purpose = Purpose::training}),
                failure),
            watch_)) {}

  graph::BatchStream behind(graph::BatchStream stream) {
    const nodes::StepContext context{.program = program_.get(), .clock = &clock_};
    return std::move(stream) | nodes::Forward{context} | nodes::Backward{context} |
           nodes::Update{context};
  }
  int violations() const { return watch_->violations; }
  int steps_inside() const { return watch_->steps_inside; }

 private:
  Net net_;
  NetState state_;
  std::shared_ptr<test::NetWatch> watch_ = std::make_shared<test::NetWatch>();
  nodes::TrainingClock clock_;
  std::unique_ptr<Program> program_;
};

TEST_CASE("failures in a net that completes from its own thread end in order on plain threads",
          "[graph][threads]") {
  constexpr int kCalls = 3 * kBatches;
  for (int call = 0; call <= kCalls; ++call) {
    const test::Failure failure{.call = call, .way = static_cast<test::FailureWay>(call % 3)};
    CAPTURE(call, static_cast<int>(failure.way));
    WaitingNet net(failure);
    const Seen seen = nothing_seen();
    auto world = std::make_shared<test::World>();
    world->delays.max_us = call % 4 * 30;
    test::ThreadedPipeline pipeline(
        {.threads = 3, .delay_us = 60, .seed = static_cast<std::uint32_t>(call)}, small_options(),
        net.behind(test::ordinary_stream(world)) | test::Remember{seen});
    test::MemorySource source(kSamples, 0);
    std::string cause;
    try {
      pipeline.run(source);
    } catch (const Error& error) {
      cause = error.what();
    }
    CHECK(cause == (call == 0 ? "" : test::failure_text(call)));
    CHECK(seen->size() <= static_cast<std::size_t>(call == 0 ? kBatches : (call - 1) / 3));
    CHECK(net.violations() == 0);
    check_back_in_order(pipeline);
    test::MemorySource again(kSamples, 1);
    CHECK(pipeline.run(again) == graph::RunEnd::completed);
    check_back_in_order(pipeline);
  }
}

TEST_CASE("cancels from another thread at random moments end in order on plain threads",
          "[graph][threads][cancel]") {
  std::minstd_rand random(5);
  int cut = 0;
  for (int run = 0; run < 40; ++run) {
    const auto after = std::chrono::microseconds(random() % 6000);
    CAPTURE(run, after.count());
    WaitingNet net({});
    const Seen seen = nothing_seen();
    auto world = eventful_world();
    world->delays.max_us = run % 3 * 40;
    test::ThreadedPipeline pipeline(
        {.threads = 4, .seed = static_cast<std::uint32_t>(run)}, small_options(),
        net.behind(test::ordinary_stream(world)) | test::Remember{seen});
    std::jthread canceller([&pipeline, after] {
      std::this_thread::sleep_for(after);
      pipeline.cancel();
    });
    test::MemorySource source(kSamples, 0);
    const graph::RunEnd end = pipeline.run(source);
    if (seen->size() < kBatches) CHECK(end == graph::RunEnd::cancelled);
    if (seen->size() < kBatches) ++cut;
    CHECK(net.violations() == 0);
    check_back_in_order(pipeline);
  }
  CHECK(cut > 4);  // the moments did fall into the runs
}

TEST_CASE("a source and a node that throw end in order on plain threads", "[graph][threads]") {
  for (int fail_at = 0; fail_at < kSamples; fail_at += 4) {
    CAPTURE(fail_at);
    auto world = std::make_shared<test::World>();
    const bool source_fails = fail_at % 8 == 0;
    if (!source_fails) world->faults.throwing = {static_cast<std::uint32_t>(fail_at), 30, 31};
    const Seen seen = nothing_seen();
    test::ThreadedPipeline pipeline(
        {.threads = 4, .delay_us = 40, .seed = static_cast<std::uint32_t>(fail_at)},
        small_options(), test::ordinary_stream(world) | test::Remember{seen});
    test::MemorySource source(kSamples, 0, source_fails ? fail_at : -1);
    CHECK_THROWS_AS(pipeline.run(source), Error);
    check_back_in_order(pipeline);
  }
}

// Two threads meet and then throw. Relaxed, so that meeting orders nothing; not for long, because
// what the other needs may stand in the queue of the thread that waits.
struct ThrowTogether {
  static constexpr graph::NodeInfo info{.name = "store", .kind = graph::NodeKind::collect};
  std::shared_ptr<std::atomic<int>> inside = std::make_shared<std::atomic<int>>(0);
  static std::size_t row_floats() { return 0; }
  Result<Ok> store(ConstImageView, const graph::SampleId&, std::span<float>) const {
    const int turn = inside->fetch_add(1, std::memory_order_relaxed) / 2;
    const std::int64_t until = graph::wall_ns() + 3'000'000;
    while (inside->load(std::memory_order_relaxed) < 2 * (turn + 1) && graph::wall_ns() < until) {
    }
    fail(ErrorKind::run, "pair {} threw", turn);
  }
};

TEST_CASE("of two failures at the same moment one is the cause", "[graph][threads]") {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    auto world = std::make_shared<test::World>();
    test::ThreadedPipeline pipeline({.threads = 4, .seed = seed}, small_options(),
                                    test::images(world) | ThrowTogether{});
    test::MemorySource source(2, 0);
    CHECK_THROWS_WITH(pipeline.run(source), "pair 0 threw");
    check_back_in_order(pipeline);
  }
}

// Is answered by another thread while `run` has not returned yet, or just then, or later.
struct AnsweredMeanwhile {
  static constexpr graph::NodeInfo info{.name = "late", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::takes_and_gives;
  std::shared_ptr<test::LateThread> late = std::make_shared<test::LateThread>();
  std::int64_t fails_at = -1;
  static std::string place() { return "late"; }
  void run(graph::Batch& batch, Completion done) {
    const bool fails = batch.number == fails_at;
    late->call(std::move(done), fails ? std::make_exception_ptr(Error(ErrorKind::run, "late"))
                                      : std::exception_ptr());
    std::this_thread::sleep_for(std::chrono::microseconds(batch.number % 3 * 100));
  }
};

TEST_CASE("a batch node is answered by another thread before, while and after run returns",
          "[graph][threads]") {
  for (int run = 0; run < 20; ++run) {
    CAPTURE(run);
    const std::int64_t fails_at = run % 2 == 0 ? -1 : run % kBatches;
    const Seen seen = nothing_seen();
    test::ThreadedPipeline pipeline(
        {.threads = 3, .delay_us = 150, .seed = static_cast<std::uint32_t>(run)}, small_options(),
        test::ordinary_stream(std::make_shared<test::World>()) |
            AnsweredMeanwhile{.fails_at = fails_at} | test::Remember{seen});
    for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
      test::MemorySource source(kSamples, epoch);
      if (fails_at < 0) {
        CHECK(pipeline.run(source) == graph::RunEnd::completed);
      } else {
        CHECK_THROWS_WITH(pipeline.run(source), "late");
      }
    }
    if (fails_at < 0) CHECK(seen->size() == 2 * kBatches);
    check_back_in_order(pipeline);
  }
}

// Nothing stands behind the node: a run's last call into the engine is the other thread's, and the
// run may be over for everybody else while that thread has not left.
TEST_CASE("a run begins only when the thread that ended the last one has left the engine",
          "[graph][threads]") {
  test::ThreadedPipeline pipeline(
      {.threads = 4, .delay_us = 200}, small_options(),
      test::ordinary_stream(std::make_shared<test::World>()) | AnsweredMeanwhile{});
  int completed = 0;
  for (std::uint32_t run = 0; run < 150; ++run) {
    test::MemorySource source(4 * kBatch, run);
    if (pipeline.run(source) == graph::RunEnd::completed) ++completed;
  }
  CHECK(completed == 150);
  check_back_in_order(pipeline);
}

// Sums each branch's rows, so that both read what the trunk made.
struct Sum {
  static constexpr graph::NodeInfo info{.name = "sum", .kind = graph::NodeKind::batch};
  std::shared_ptr<std::vector<double>> sums;
  void run(graph::Batch& batch, Completion done) {
    double sum = 0.0;
    for (const float value : batch.rows) sum += static_cast<double>(value);
    sums->push_back(sum);
    done(nullptr);
  }
};

std::vector<std::vector<double>> sums_of_branches(const test::ThreadOptions& threads) {
  auto world = eventful_world();
  std::vector<std::shared_ptr<std::vector<double>>> sums;
  auto images = graph::split(test::images(world) | test::Enlarge{.factor = 2}, 3);
  std::vector<graph::BatchStream> branches;
  for (std::size_t b = 0; b < images.size(); ++b) {
    sums.push_back(std::make_shared<std::vector<double>>());
    branches.push_back(std::move(images[b]) | test::Cut{.world = world, .side = 8} |
                       test::Tint{world} | test::MemoryCollate{world} | Sum{sums[b]});
  }
  test::ThreadedPipeline pipeline(threads, small_options(), std::move(branches));
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    test::MemorySource source(kSamples, epoch);
    CHECK(pipeline.run(source) == graph::RunEnd::completed);
  }
  check_back_in_order(pipeline);
  return {*sums[0], *sums[1], *sums[2]};
}

TEST_CASE("three branches share the trunk's images on plain threads", "[graph][threads][split]") {
  const auto expected = sums_of_branches({.threads = 1});
  CHECK(expected[0] == expected[2]);  // nodes of one name draw the same values in every branch
  CHECK(expected[0].size() == 2 * kBatches);
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    CHECK(sums_of_branches({.threads = 4, .delay_us = 80, .seed = seed}) == expected);
  }
}

// Gives leases back in a thread of its own, some time later.
class LaterReturner {
 public:
  void take(graph::Lease lease) {
    const std::lock_guard lock(mutex_);
    leases_.push_back(std::move(lease));
  }
  std::size_t held() {
    const std::lock_guard lock(mutex_);
    return leases_.size();
  }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested() || held() > 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(150));
      std::optional<graph::Lease> first;
      const std::lock_guard lock(mutex_);
      if (leases_.empty()) continue;
      first.emplace(std::move(leases_.front()));
      leases_.pop_front();
    }
  }
  std::mutex mutex_;
  std::deque<graph::Lease> leases_;
  std::jthread thread_{[this](const std::stop_token& stop) { serve(stop); }};
};

// Takes so many batches in order, while no more than two are on lease.
int take_leases(test::ThreadedPipeline& pipeline, LaterReturner& returner, int wanted) {
  for (int taken = 0; taken < wanted; ++taken) {
    while (returner.held() >= kSlots - 1) std::this_thread::yield();
    std::optional<graph::Lease> lease = pipeline.next();
    if (!lease) return taken;
    returner.take(std::move(*lease));
  }
  return wanted;
}

TEST_CASE("leases taken here and given back elsewhere, to the end, to a finish or to a cancel",
          "[graph][threads][lease]") {
  for (int run = 0; run < 24; ++run) {
    CAPTURE(run);
    test::ThreadedPipeline pipeline(
        {.threads = 3, .delay_us = 100, .seed = static_cast<std::uint32_t>(run)}, small_options(),
        test::ordinary_stream(eventful_world()));
    LaterReturner returner;
    for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
      test::MemorySource source(kSamples, epoch);
      pipeline.start(source);
      const int wanted = run % 3 == 0 ? kBatches + 1 : run % kBatches;
      const int taken = take_leases(pipeline, returner, wanted);
      CHECK(taken == std::min(wanted, kBatches));
      if (run % 3 == 1) pipeline.cancel();
      const graph::RunEnd end = pipeline.finish();
      CHECK(end == (run % 3 == 0 ? graph::RunEnd::completed : graph::RunEnd::cancelled));
      check_back_in_order(pipeline);
      if (run % 3 == 1) break;  // a cancel stays
    }
  }
}

}  // namespace
}  // namespace sluice
