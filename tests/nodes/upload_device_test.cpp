// Uploads beside the steps of a device that works in a thread of its own: order, pixels, failures,
// stops. The stand-in here has no net: its scores are sums of what it was given.
#include <xxhash.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "graph/account/closes.h"
#include "nodes/collate_bytes.h"
#include "nodes/flip.h"
#include "nodes/pca_colour.h"
#include "nodes/train_step.h"
#include "nodes/upload.h"
#include "nodes/watch.h"
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

constexpr int kSide = 8;
constexpr int kBatch = 4;
constexpr std::size_t kRowBytes = kSide * kSide * 3;

struct DeviceRules {
  int max_us = 0;     // of random delay before each piece of work
  int fails_at = 0;   // the device is lost at its so-many-th piece of work, from 1
  int throws_at = 0;  // the so-many-th call is a caller's mistake
};

// What a device copied of a batch.
struct Copied {
  std::vector<std::byte> bytes;
  std::vector<RowTransform> transforms;
  float sum = 0.0F;
};

class StandIn final : public Program {
 public:
  explicit StandIn(DeviceRules rules) : rules_(rules) {
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }

  void upload(const StepInput& input, Completion done) override {
    count_call();
    const bool late = chance_() % 2 == 0;
    enqueue([this, input] { copies_.push_back(copy(input)); }, late ? std::move(done) : told(done));
  }
  void run(Phase phase, const StepInput& input, Completion done) override {
    count_call();
    enqueue([this, phase, input] { work(phase, input); },
            phase == input.last ? std::move(done) : told(done));
  }
  bool uploads() const override { return true; }
  bool takes_bytes() const override { return true; }
  std::string_view place() const override { return "gpu"; }
  void settle() noexcept override {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return jobs_.empty() && !busy_; });
    copies_.clear();
    ++settles;
  }
  std::optional<DeviceTimes> device_times() const override {
    return DeviceTimes{.device = "stand-in",
                       .forward_seconds = 0.25,
                       .backward_seconds = 0.5,
                       .update_seconds = 0.125,
                       .copy_seconds = 0.0625};
  }
  std::span<const float> scores() const override { return scores_; }
  std::span<const float> row_losses() const override { return scores_; }
  Tensor output(std::string_view) const override { return {}; }
  std::size_t bytes() const override { return 0; }

  // By the device's thread; to be read when it is settled or the run is over.
  std::vector<std::uint64_t> trained;  // a hash of each batch, in order
  int changed = 0;                     // batches whose rows were others at the end of their step
  int settles = 0;

 private:
  struct Job {
    std::function<void()> work;
    Completion done;  // none: told already
  };

  static Completion told(const Completion& done) {
    done(nullptr);
    return nullptr;
  }
  void count_call() {
    if (++calls_ == rules_.throws_at)
      fail(ErrorKind::run, "call {} is a mistake", rules_.throws_at);
  }
  void enqueue(std::function<void()> work, Completion done) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(work), std::move(done)});
    }
    wake_.notify_all();
  }

  void serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      busy_ = true;
      lock.unlock();
      dawdle();
      if (++pieces_ == rules_.fails_at && !lost_)
        lost_ = std::make_exception_ptr(
            Error(ErrorKind::run, fmt::format("lost at {}", rules_.fails_at)));
      if (!lost_) job.work();
      if (job.done) job.done(lost_);
      lock.lock();
      busy_ = false;
      idle_.notify_all();
    }
  }
  void dawdle() {
    if (rules_.max_us == 0) return;
    const auto us = chance_() % static_cast<unsigned>(rules_.max_us);
    std::this_thread::sleep_for(std::chrono::microseconds(us));
  }

  static Copied copy(const StepInput& input) {
    Copied copied{.bytes = {input.row_bytes.begin(), input.row_bytes.end()},
                  .transforms = {input.transforms.begin(), input.transforms.end()}};
    for (std::size_t i = 0; i < copied.bytes.size(); ++i)
      copied.sum += transformed(static_cast<std::uint8_t>(copied.bytes[i]),
                                copied.transforms[i / kRowBytes], static_cast<int>(i % 3));
    return copied;
  }
  void work(Phase phase, const StepInput& input) {
    if (phase == Phase::forward) {
      if (copies_.empty()) copies_.push_back(copy(input));
      now_ = std::move(copies_.front());
      copies_.pop_front();
      scores_.assign(kBatch, now_.sum);
    }
    if (phase != input.last) return;
    if (!std::ranges::equal(now_.bytes, input.row_bytes)) ++changed;
    std::uint64_t hash = XXH3_64bits_withSeed(now_.bytes.data(), now_.bytes.size(), input.step);
    hash = XXH3_64bits_withSeed(now_.transforms.data(),
                                now_.transforms.size() * sizeof(RowTransform), hash);
    trained.push_back(XXH3_64bits_withSeed(input.labels.data(), input.labels.size_bytes(), hash));
  }

  const DeviceRules rules_;
  std::atomic<int> calls_ = 0;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable idle_;
  std::deque<Job> jobs_;
  bool busy_ = false;
  // The device's thread only:
  int pieces_ = 0;
  std::exception_ptr lost_;
  std::deque<Copied> copies_;
  Copied now_;
  std::vector<float> scores_;
  struct Chance {  // any thread
    std::mutex mutex;
    std::minstd_rand generator{std::random_device{}()};
    unsigned operator()() {
      const std::lock_guard lock(mutex);
      return static_cast<unsigned>(generator());
    }
  } chance_;
  std::jthread thread_;  // last: it must stop before the rest goes
};

graph::Chain left_to_device() {
  graph::Chain left;
  left.push_back(graph::erase_augment(Flip{}));
  left.push_back(graph::erase_augment(PcaColour{}));
  return left;
}

// A training pipeline on the stand-in.
class Trial {
 public:
  Trial(DeviceRules rules, graph::Executor executor) : device(std::make_unique<StandIn>(rules)) {
    world->delays.max_us = rules.max_us;
    const StepContext step{.program = device.get(), .clock = &clock};
    auto batches = uploaded(test::images(world) | test::Cut{world} |
                                graph::leaving(left_to_device(), CollateBytes{.side = kSide}),
                            *device);
    pipeline.emplace(arena,
                     graph::PipelineOptions{.executor = executor, .batch = kBatch, .seed = 3},
                     std::move(batches) | Forward{step} | Backward{step} | Update{step} |
                         Watch{[this](const graph::Batch& batch) {
                           numbers.push_back(batch.number);
                           scores.push_back(batch.scores.front());
                           if (batch.number == cancel_at) pipeline->cancel();
                         }});
  }
  graph::RunEnd run() {
    test::MemorySource source(27, 0);  // seven batches, the last of three rows
    return pipeline->run(source);
  }

  test::SharedWorld world = std::make_shared<test::World>();
  TrainingClock clock;
  std::unique_ptr<StandIn> device;
  Arena arena{4};
  std::int64_t cancel_at = -1;
  std::vector<std::int64_t> numbers;
  std::vector<float> scores;
  std::optional<graph::Pipeline> pipeline;
};

TEST_CASE("runs with random delays train on the same batches in the same order",
          "[nodes][upload]") {
  Trial serial({}, graph::Executor::serial);
  REQUIRE(serial.run() == graph::RunEnd::completed);
  REQUIRE(serial.device->trained.size() == 7);
  int others = 0;
  for (int turn = 0; turn < 50; ++turn) {
    Trial trial({.max_us = 150}, graph::Executor::flow);
    const bool completed = trial.run() == graph::RunEnd::completed;
    const bool same = completed && trial.device->trained == serial.device->trained &&
                      trial.numbers == serial.numbers && trial.scores == serial.scores &&
                      trial.device->changed == 0;
    others += same ? 0 : 1;
  }
  CHECK(others == 0);
}

TEST_CASE("the account has the upload, and the device's own times", "[nodes][upload]") {
  Trial trial({.max_us = 100}, graph::Executor::flow);
  trial.run();
  const AccountRecord account = trial.pipeline->account();
  CHECK(graph::closes(account));
  const auto busy = [&](const char* name) { return test::row(account, name).busy_seconds; };
  CHECK(test::row(account, "upload").items_out == 7);
  CHECK(test::row(account, "upload").place == "gpu");
  CHECK(test::row(account, "upload").lane == Lane::own);
  CHECK(busy("upload") == 0.0625);
  CHECK(busy("forward") == 0.25);
  CHECK(busy("backward") == 0.5);
  CHECK(busy("update") == 0.125);
  CHECK(trial.device->settles == 1);
}

// Runs and tells how it ended.
std::string end_of(Trial& trial) {
  try {
    return trial.run() == graph::RunEnd::completed ? "completed" : "cancelled";
  } catch (const Error& error) {
    return error.what();
  }
}

// Whatever happened, everything is back and accounted for.
void check_all_back(Trial& trial) {
  CHECK(trial.pipeline->free_slots() == trial.pipeline->memory().slots);
  CHECK(test::all_close(*trial.pipeline));
  CHECK(trial.device->settles == 1);
  CHECK(trial.device->changed == 0);
  for (std::size_t i = 0; i < trial.numbers.size(); ++i)
    CHECK(trial.numbers[i] == static_cast<std::int64_t>(i));
}

TEST_CASE("a device that is lost at any of its works ends the run with that cause",
          "[nodes][upload]") {
  for (const auto executor : {graph::Executor::serial, graph::Executor::flow}) {
    for (int piece = 1; piece <= 28; ++piece) {
      CAPTURE(piece, executor == graph::Executor::flow);
      Trial trial({.max_us = 50, .fails_at = piece}, executor);
      CHECK(end_of(trial) == fmt::format("lost at {}", piece));
      check_all_back(trial);
    }
    Trial whole({.fails_at = 29}, executor);
    CHECK(end_of(whole) == "completed");
  }
}

TEST_CASE("a call that throws ends the run with what it threw", "[nodes][upload]") {
  for (int call = 1; call <= 28; ++call) {
    CAPTURE(call);
    Trial trial({.max_us = 50, .throws_at = call}, graph::Executor::flow);
    CHECK(end_of(trial) == fmt::format("call {} is a mistake", call));
    check_all_back(trial);
  }
}

TEST_CASE("a cancel lets the batch inside the net end, and uploads that wait are forgotten",
          "[nodes][upload]") {
  for (std::int64_t at = 0; at < 6; ++at) {
    CAPTURE(at);
    Trial trial({.max_us = 100}, graph::Executor::flow);
    trial.cancel_at = at;
    CHECK(end_of(trial) == "cancelled");
    check_all_back(trial);
    // What the device trained on is what the report has seen.
    CHECK(trial.device->trained.size() == trial.numbers.size());
  }
}

}  // namespace
}  // namespace sluice::nodes
