// What measuring costs: a chain that only prepares, and AlexNet's training on the same cores, each
// without clocks, with them, with a thread that samples them besides, and with a trace besides.
//   bench_account [--threads N] [--rounds R] [--passes P] [--steps S] [DIR]
// DIR (default $SLUICE_DATA/photos): JPEG files; P passes over them a run, S training steps a run.
// All four run in every round, in an order that changes from round to round; the ratios are the
// medians of the rounds' own, by the clock and by the CPU time of the process.
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "graph/pipeline.h"
#include "graph/trace_recorder.h"
#include "nodes/decode_jpeg.h"
#include "nodes/nets/alexnet.h"
#include "nodes/run/account_watch.h"
#include "nodes/train_step.h"
#include "runtime/backend/make_backend.h"
#include "tests/bench/cpu_time.h"
#include "tests/bench/options.h"
#include "tests/bench/prepare_chain.h"
#include "tests/bench/spread.h"

namespace sluice::bench {
namespace {

struct Options {
  int threads = 0;
  int rounds = 15;
  int passes = 4;
  int steps = 8;
  std::string folder;
};

struct Times {
  std::vector<double> wall, cpu;
};

enum class Way { off, on, sampled, traced };
constexpr std::array kWays{Way::off, Way::on, Way::sampled, Way::traced};
constexpr std::array kWords{"without", "with measuring", "and sampling", "and a trace"};

constexpr std::size_t kSpansAnImage = 16;  // more than a chain has nodes

// The same work in the four ways.
class Subject {
 public:
  using MakeStream = std::function<graph::BatchStream()>;

  // `runs`: of each way, so that a trace has room for all of its spans.
  Subject(Arena& arena, const MemoryFiles& files, std::uint32_t images, int runs,
          const MakeStream& stream)
      : files_(files),
        images_(images),
        recorder_(static_cast<std::size_t>(images) * static_cast<std::size_t>(runs) *
                  kSpansAnImage) {
    for (const Way way : kWays) {
      graph::PipelineOptions options{
          .batch = kBatch,
          .memory_bytes = std::size_t{1} << 30,
          .seed = kSeed,
          .measuring = way == Way::off ? graph::Measuring::off : graph::Measuring::on};
      if (way == Way::traced) options.trace.recorder = &recorder_;
      pipelines_.push_back(std::make_unique<graph::Pipeline>(arena, options, stream()));
    }
  }

  void warm_up() {
    for (const Way way : kWays) measure(way);
    times_ = {};
  }
  void run_round(int round) {
    for (std::size_t i = 0; i < kWays.size(); ++i)
      measure(kWays[(i + static_cast<std::size_t>(round)) % kWays.size()]);
  }
  void report(const char* name) const {
    fmt::print("{}, {} images a run\n", name, images_);
    for (const Way way : kWays) print(way);
    const Times& without = times_[0];
    for (const Way way : {Way::on, Way::sampled, Way::traced}) {
      const Times& with = times_[static_cast<std::size_t>(way)];
      fmt::print("{:<15} / without: by the clock {}, by CPU {}\n",
                 kWords[static_cast<std::size_t>(way)],
                 spread_of_ratios(with.wall, without.wall).text(4),
                 spread_of_ratios(with.cpu, without.cpu).text(4));
    }
  }

 private:
  void measure(Way way) {
    graph::Pipeline& pipeline = *pipelines_[static_cast<std::size_t>(way)];
    MemorySource source(files_, images_);
    const double cpu = process_cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    {
      std::optional<nodes::AccountWatch> watch;
      if (way >= Way::sampled)
        watch.emplace(std::vector<nodes::Watched>{{.pipeline = &pipeline}}, nodes::WatchOptions{});
      pipeline.run(source);
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    Times& times = times_[static_cast<std::size_t>(way)];
    times.wall.push_back(wall.count());
    times.cpu.push_back(process_cpu_seconds() - cpu);
  }

  void print(Way way) const {
    const Times& times = times_[static_cast<std::size_t>(way)];
    std::vector<double> rates, cpu;
    for (const double seconds : times.wall) rates.push_back(images_ / seconds);
    for (const double seconds : times.cpu) cpu.push_back(seconds / images_ * 1e6);
    fmt::print("{:<15} {} images/s, {} us of CPU an image\n", kWords[static_cast<std::size_t>(way)],
               spread(rates).text(1), spread(cpu).text(1));
  }

  const MemoryFiles& files_;
  std::uint32_t images_;
  graph::TraceRecorder recorder_;
  std::vector<std::unique_ptr<graph::Pipeline>> pipelines_;
  std::array<Times, kWays.size()> times_;
};

graph::BatchStream prepared(const MemoryFiles& files) {
  return graph::files(ReadMemory{&files}) | nodes::DecodeJpeg{} | bench_chain() |
         nodes::Collate{kSide};
}

// AlexNet in f32, and a program that trains it.
struct Trainee {
  Net net = nodes::alexnet({});
  std::unique_ptr<Backend> backend = make_backend("auto");
  std::unique_ptr<NetState> state;
  std::unique_ptr<Program> program;
  nodes::TrainingClock clock{.seed = kSeed, .rate = 1e-4};

  explicit Trainee(Arena& arena) {
    arena.run([&] {
      state = std::make_unique<NetState>(net, kSeed);
      program = backend->compile(net, *state, {.batch = kBatch, .purpose = Purpose::training});
    });
  }
  graph::BatchStream behind(graph::BatchStream stream) {
    const nodes::StepContext step{.program = program.get(), .clock = &clock};
    return std::move(stream) | nodes::Forward{step} | nodes::Backward{step} | nodes::Update{step};
  }
};

void run(std::span<char*> arguments) {
  Options options{.folder = data_folder("photos")};
  parse_options(arguments,
                {{"--threads", &options.threads},
                 {"--rounds", &options.rounds},
                 {"--passes", &options.passes},
                 {"--steps", &options.steps}},
                &options.folder);
  const MemoryFiles files = load_jpeg_files(options.folder);
  Arena arena(options.threads);
  Trainee trainee(arena);
  const int runs = options.rounds + 1;
  Subject preparation(
      arena, files,
      static_cast<std::uint32_t>(files.size()) * static_cast<std::uint32_t>(options.passes), runs,
      [&] { return prepared(files); });
  Subject training(arena, files, static_cast<std::uint32_t>(options.steps * kBatch), runs,
                   [&] { return trainee.behind(prepared(files)); });
  preparation.warm_up();
  training.warm_up();
  for (int round = 0; round < options.rounds; ++round) {
    preparation.run_round(round);
    training.run_round(round);
  }
  fmt::print("{} threads, {} rounds\n", arena.threads(), options.rounds);
  preparation.report("a chain that only prepares");
  training.report(
      fmt::format("AlexNet on {}, batches of {}", trainee.backend->name(), kBatch).c_str());
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::bench::guarded("bench_account", [&] {
    sluice::bench::run({argv, static_cast<std::size_t>(argc)});
  });
}
