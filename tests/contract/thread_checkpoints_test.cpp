// Checkpoints between the three threads that share them: the step's, the report's and the writer's.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "nodes/run/checkpoints.h"
#include "runtime/arena.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

constexpr std::int64_t kSteps = 400;

Net small_net() {
  const Start zeros{.deviation = 0.0};
  return {.name = "small",
          .variant = "test",
          .channels = 3,
          .side = 4,
          .layers = {{"fc", FullyConnected{.out_features = 2}, zeros, "fc"},
                     {"loss", SoftmaxLoss{}, {}, ""}}};
}

// Steps on their way from the net to the report, as batches are in a pipeline.
class Steps {
 public:
  void push(std::int64_t step) {
    const std::lock_guard lock(mutex_);
    steps_.push_back(step);
    changed_.notify_all();
  }
  std::int64_t pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !steps_.empty(); });
    const std::int64_t step = steps_.front();
    steps_.pop_front();
    return step;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::int64_t> steps_;
};

// Every weight and velocity says which step it is of.
void set_all(NetState& state, std::int64_t step) {
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    const std::vector<float> values(state.read(i).size(), static_cast<float>(step));
    state.write(i, values);
    state.write_velocity(i, values);
  }
}

}  // namespace

TEST_CASE("each checkpoint is of one step while steps, reports and the writer go on",
          "[nodes][threads][checkpoints]") {
  const io::test::TempFolder folder;
  io::RunFolder out(folder / "run");
  const Net net = small_net();
  NetState state(net, 1);
  state.prepare_training();
  io::TrainingState reported;
  nodes::Checkpoints checkpoints(
      {.steps = 3}, std::make_unique<nodes::CheckpointWriter>(out, net, kSteps), state, 0, [&] {
        return io::Checkpoint{.weights = {.net = "small", .variant = "test"},
                              .state = reported,
                              .data = {},
                              .backend = "reference",
                              .threads = 1};
      });
  Steps steps;
  {
    const std::jthread report([&] {
      for (std::int64_t step = 0; step < kSteps;) {
        step = steps.pop();
        reported.step = step;
        out.add_step({.step = step, .epoch = 1, .images = step, .loss = 1.0});
        checkpoints.after_report(step);
      }
    });
    for (std::int64_t step = 1; step <= kSteps; ++step) {
      set_all(state, step);
      run_alone([&] { checkpoints.after_update(step); });
      steps.push(step);
      std::this_thread::sleep_for(std::chrono::microseconds(500));  // a step takes its time
    }
  }
  checkpoints.wait();
  const auto files = io::list_checkpoints(out.path());
  CHECK(files.size() >= 2);  // more where the disk is quick
  NetState read(net, 2);
  read.prepare_training();
  for (const io::CheckpointFile& file : files) {
    io::read_checkpoint_net(file.path, net, read);
    CHECK(io::read_checkpoint(file.path).state.step == file.step);
    CHECK(read.read(0).front() == static_cast<float>(file.step));
    CHECK(read.read_velocity(1).back() == static_cast<float>(file.step));
  }
}

}  // namespace sluice
