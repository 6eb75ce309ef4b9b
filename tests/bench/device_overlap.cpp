// Do preparation, copies and steps of a device overlap three ways?
//   bench_device_overlap [--rounds R] [--batches B] [--slots S]
// Both sides are stand-ins that sleep, so that no core limits: four threads that take 2 ms an
// image, and a device with a queue for copies and one for steps. In every round: B batches prepared
// alone, B steps alone, and the whole pipeline, for steps that take as long as the preparation of a
// batch, half and twice that; a copy takes a third of a step. Ratios are medians of the rounds'
// own. First, how long a step takes on a device that takes no time, in a plain loop: so long a
// device stands still between two steps, of which the second is enqueued when the first is told
// done, and for as long as the pipeline takes to start a node.
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "graph/pipeline.h"
#include "nodes/collate_bytes.h"
#include "nodes/train_step.h"
#include "nodes/upload.h"
#include "runtime/arena.h"
#include "runtime/backend/cudnn/cudnn.h"
#include "tests/bench/options.h"
#include "tests/bench/spread.h"
#include "tests/support/fake_device.h"

namespace sluice::bench {
namespace {

using Seconds = std::chrono::duration<double>;
using Clock = std::chrono::steady_clock;

constexpr int kThreads = 4;
constexpr int kBatch = 32;
constexpr int kSide = 8;
constexpr Seconds kImage{0.002};

struct Options {
  int rounds = 5;
  int batches = 120;
  int slots = 3;
};

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return Seconds(Clock::now() - start).count();
}

// The cuDNN backend's program on a device that computes nothing and takes its time.
class Trainee {
 public:
  // Of a step: four recordings, and four copies in the same queue; a fifth, of the rows, beside.
  Trainee(Arena& arena, Seconds step) {
    const auto part = std::chrono::duration_cast<std::chrono::microseconds>(step / 16);
    backend_ =
        make_cudnn_backend({.device = test::make_fake_device(
                                {.a_recording = 3 * part, .a_copy = part, .computes = false}),
                            .reason = {}});
    arena.run([&] {
      state_ = std::make_unique<NetState>(net_, 1);
      program_ = backend_->compile(net_, *state_, {.batch = kBatch, .purpose = Purpose::training});
    });
    warm_up();
  }

  // The next step's rows are copied while a step runs.
  void run_steps(int steps) {
    upload(0);
    for (int step = 0; step < steps; ++step) {
      if (step + 1 < steps) upload(step + 1);
      run_step(step);
    }
  }
  graph::BatchStream behind(graph::BatchStream stream) {
    const nodes::StepContext step{.program = program_.get(), .clock = &clock_};
    return nodes::uploaded(std::move(stream), *program_) | nodes::Forward{step} |
           nodes::Backward{step} | nodes::Update{step};
  }
  RowMemory row_memory() const { return program_->row_memory(); }

 private:
  // The first steps make queues and recordings, one a slot of rows.
  void warm_up() { run_steps(3); }

  StepInput input(int step) {
    return {.row_bytes = rows_[static_cast<std::size_t>(step % 2)],
            .transforms = transforms_,
            .labels = labels_,
            .row_weights = weights_,
            .step = static_cast<std::uint32_t>(step),
            .rate = 0.01};
  }
  void upload(int step) {
    program_->upload(input(step), [](std::exception_ptr) {});
  }
  void run_step(int step) {
    std::promise<void> done;
    for (const Phase phase : {Phase::forward, Phase::backward})
      program_->run(phase, input(step), [](std::exception_ptr) {});
    program_->run(Phase::update, input(step), [&](std::exception_ptr) { done.set_value(); });
    done.get_future().wait();
  }

  Net net_{.name = "small",
           .side = kSide,
           .layers = {{.name = "fc", .spec = FullyConnected{.out_features = 2}},
                      {.name = "loss", .spec = SoftmaxLoss{}}}};
  std::array<std::array<std::byte, kBatch * kSide * kSide * 3>, 2> rows_{};
  std::array<RowTransform, kBatch> transforms_{};
  std::array<std::int32_t, kBatch> labels_{};
  std::array<float, kBatch> weights_{1.0F};
  nodes::TrainingClock clock_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<NetState> state_;
  std::unique_ptr<Program> program_;
};

class Numbers final : public graph::Source {
 public:
  explicit Numbers(int count) : count_(count) {}
  std::optional<graph::SourceItem> next() override {
    if (next_ == count_) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(next_++);
    return graph::SourceItem{.id = {.number = number, .position = number}, .file_bytes = 1};
  }

 private:
  int count_;
  int next_ = 0;
};

struct ReadNothing {
  static constexpr graph::NodeInfo info{.name = "read", .kind = graph::NodeKind::read};
  Result<std::size_t> read(const graph::SourceItem&, std::span<std::byte> to) const {
    return to.size();
  }
};

struct SleepingDecode {
  static constexpr graph::NodeInfo info{.name = "decode", .kind = graph::NodeKind::decode};
  Result<graph::DecodeNeeds> inspect(std::span<const std::byte>) const {
    return graph::DecodeNeeds{.extent = {kSide, kSide}};
  }
  Result<> decode(std::span<const std::byte>, ImageView) const {
    std::this_thread::sleep_for(kImage);
    return Ok{};
  }
};

graph::BatchStream prepare() {
  return graph::files(ReadNothing{}) | SleepingDecode{} |
         graph::leaving({}, nodes::CollateBytes{.side = kSide});
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {}

  void run() {
    fmt::print("{} rounds of {} batches\n", options_.rounds, options_.batches);
    report_empty_steps();
    for (const double part : {1.0, 0.5, 2.0}) report(part);
  }

 private:
  double run_pipeline(graph::BatchStream stream, RowMemory rows = {}) {
    graph::Pipeline pipeline(arena_,
                             {.batch = kBatch,
                              .slots = options_.slots,
                              .memory_bytes = std::size_t{64} << 20,
                              .row_memory = std::move(rows)},
                             std::move(stream));
    Numbers source(options_.batches * kBatch);
    return seconds_of([&] { pipeline.run(source); });
  }

  void report_empty_steps() {
    constexpr int kSteps = 2000;
    std::vector<double> us;
    for (int round = 0; round < options_.rounds; ++round) {
      Trainee trainee(arena_, Seconds(0));
      us.push_back(1e6 * seconds_of([&] { trainee.run_steps(kSteps); }) / kSteps);
    }
    fmt::print("a step that takes no time, enqueued and told: {} us\n", spread(us).text(0));
  }

  // `part`: a step's time over that of preparing a batch.
  void report(double part) {
    std::vector<double> both, slower;
    for (int round = 0; round < options_.rounds; ++round) {
      const double prepared = run_pipeline(prepare());
      Trainee trainee(arena_, Seconds(prepared / options_.batches * part));
      const double stepped = seconds_of([&] { trainee.run_steps(options_.batches); });
      both.push_back(run_pipeline(trainee.behind(prepare()), trainee.row_memory()));
      slower.push_back(std::max(prepared, stepped));
    }
    fmt::print("step {:.1f} of a batch's preparation: pipeline {} s, / slower side alone {}\n",
               part, spread(both).text(2), spread_of_ratios(both, slower).text(3));
  }

  Options options_;
  Arena arena_{kThreads};
};

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::bench::guarded("bench_device_overlap", [&] {
    sluice::bench::Options options;
    sluice::bench::parse_options({argv, static_cast<std::size_t>(argc)},
                                 {{"--rounds", &options.rounds},
                                  {"--batches", &options.batches},
                                  {"--slots", &options.slots}},
                                 nullptr);
    sluice::bench::Bench(options).run();
  });
}
