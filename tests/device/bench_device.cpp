// How long a training step takes on the device alone: rows are there already, nothing is copied.
//
//     bench_device NET VARIANT BATCH f32|tf32|bf16 [TUNING_FILE]
//
// NET: lenet5, alexnet or vgg. One line of JSON: milliseconds of each phase (median of 50 steps
// after 10 that warm up), images a second, launches, MiB of our own arrays and of the libraries'
// workspaces. A second line holds what was chosen for each operation. Exit status 77: no device.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "runtime/backend/cudnn/cuda/open_device.h"
#include "runtime/error.h"
#include "tests/device/device_trial.h"

namespace sluice::cudnn::test {
namespace {

constexpr int kWarmUp = 10;
constexpr int kSteps = 50;
constexpr double kMebibyte = 1024.0 * 1024.0;

struct Task {
  NamedNet named;
  Precision precision = Precision::f32;
  RecordOptions record{};
};

Net net_of(const std::string& family, const std::string& variant) {
  if (family == "lenet5") return nodes::lenet({.variant = variant});
  if (family == "alexnet") return nodes::alexnet({.variant = variant});
  require(family == "vgg", "net {} is none of lenet5, alexnet, vgg", family);
  return nodes::vgg({.variant = variant});
}

Task parse(std::span<char*> arguments) {
  require(arguments.size() >= 5,
          "usage: bench_device lenet5|alexnet|vgg VARIANT BATCH f32|tf32|bf16 [TUNING_FILE]");
  const std::string family = arguments[1];
  const std::string variant = arguments[2];
  const std::string arithmetic = arguments[4];
  Task task{.named = {family + " " + variant, net_of(family, variant), std::atoi(arguments[3])}};
  require(task.named.batch > 0, "batch {} is no number above 0", arguments[3]);
  require(arithmetic == "f32" || arithmetic == "tf32" || arithmetic == "bf16",
          "arithmetic {} is none of f32, tf32, bf16", arithmetic);
  if (arithmetic == "bf16") task.precision = Precision::bf16;
  if (arithmetic == "tf32") task.record.math = F32Math::tf32;
  if (arguments.size() > 5) task.record.tuning_file = arguments[5];
  return task;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A step's phases as recordings; take_rows belongs to forward.
class Step {
 public:
  Step(Device& device, const Plan& plan, const Memory& memory, const RecordOptions& options)
      : device_(device), queue_(device.make_queue("bench")) {
    std::vector<Operation> forward = plan.take_rows;
    forward.insert(forward.end(), plan.forward.begin(), plan.forward.end());
    phases_ = {device.record(forward, memory, options),
               device.record(plan.backward, memory, options),
               device.record(plan.update, memory, options)};
  }

  // Milliseconds of each phase.
  std::array<double, 3> time_once() {
    std::vector<MarkPointer> marks{queue_->mark()};
    for (const auto& phase : phases_) {
      queue_->run(*phase);
      marks.push_back(queue_->mark());
    }
    device_.wait_for(marks.back());
    std::array<double, 3> times{};
    for (std::size_t i = 0; i < times.size(); ++i) {
      times[i] = 1000.0 * device_.seconds_between(marks[i], marks[i + 1]);
    }
    return times;
  }

  // Milliseconds a step when steps are enqueued without waiting between them.
  double time_all() {
    const MarkPointer begin = queue_->mark();
    for (int step = 0; step < kSteps; ++step) {
      for (const auto& phase : phases_) queue_->run(*phase);
    }
    const MarkPointer end = queue_->mark();
    device_.wait_for(end);
    return 1000.0 * device_.seconds_between(begin, end) / kSteps;
  }

  std::vector<Choice> choices() const {
    std::vector<Choice> all;
    for (const auto& phase : phases_) {
      for (Choice& choice : device_.choices(*phase)) all.push_back(std::move(choice));
    }
    return all;
  }

 private:
  Device& device_;
  std::array<std::unique_ptr<Recording>, 3> phases_;
  std::unique_ptr<Queue> queue_;  // last: it waits for what uses the recordings
};

void report(const Task& task, Step& step, const PlannedNet& net, const Device& device) {
  std::array<std::vector<double>, 3> times;
  for (int i = 0; i < kWarmUp + kSteps; ++i) {
    const std::array<double, 3> once = step.time_once();
    for (std::size_t phase = 0; i >= kWarmUp && phase < once.size(); ++phase) {
      times[phase].push_back(once[phase]);
    }
  }
  const double whole = step.time_all();
  std::size_t workspace = 0;
  std::string chosen;
  for (const Choice& choice : step.choices()) {
    workspace = std::max(workspace, choice.workspace);
    chosen += fmt::format(R"({}["{}", "{}", "{}", {:.1f}])", chosen.empty() ? "" : ", ",
                          choice.layer, choice.operation, choice.implementation,
                          static_cast<double>(choice.workspace) / kMebibyte);
  }
  const char* arithmetic = task.precision == Precision::bf16   ? "bf16"
                           : task.record.math == F32Math::tf32 ? "tf32"
                                                               : "f32";
  fmt::print(
      R"({{"net": "{}", "batch": {}, "arithmetic": "{}", "forward_ms": {:.3f}, "backward_ms": {:.3f}, )"
      R"("update_ms": {:.3f}, "step_ms": {:.3f}, "images_per_second": {:.0f}, "launches": {}, )"
      R"("own_mib": {:.1f}, "workspace_mib": {:.1f}, "device": "{}"}})"
      "\n",
      task.named.name, task.named.batch, arithmetic, median(times[0]), median(times[1]),
      median(times[2]), whole, 1000.0 * task.named.batch / whole, launches(net.whole_step()),
      static_cast<double>(net.plan.program_bytes) / kMebibyte,
      static_cast<double>(workspace) / kMebibyte, device.name());
  fmt::print(R"({{"choices": [{}]}})"
             "\n",
             chosen);
}

int run(std::span<char*> arguments) {
  const Task task = parse(arguments);
  const OpenedDevice opened = open_device();
  if (opened.device == nullptr) {
    fmt::print(stderr, "bench_device: skipped: no device: {}\n", opened.reason);
    return 77;
  }
  const PlannedNet net = planned(task.named, task.precision);
  DeviceTrial trial(opened.device, net, task.named.batch);
  Step step(*opened.device, net.plan, trial.on_device(), task.record);
  trial.send();
  report(task, step, net, *opened.device);
  return 0;
}

}  // namespace
}  // namespace sluice::cudnn::test

int main(int count, char** arguments) {
  try {
    return sluice::cudnn::test::run({arguments, static_cast<std::size_t>(count)});
  } catch (const sluice::Error& error) {
    fmt::print(stderr, "bench_device: error: {}\n", error.what());
    return static_cast<int>(error.kind());
  }
}
