// Does preparation disappear behind training?
//   bench_overlap [--threads N] [--rounds R] [--batches B] [--steps S] [DIR]
// DIR (default $SLUICE_DATA/photos): JPEG files. In every round, one after the other:
//   the waiting program (a stand-in for a device, which takes a given time a step): B batches
//     prepared alone, B steps alone, and the whole pipeline; once with a step that takes 1.5 times
//     as long as preparing a batch and once with half of it;
//   AlexNet `paper` on the same cores: S batches prepared alone, S steps alone, the whole pipeline.
// Ratios are medians of the rounds' own.
#include <fmt/core.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>

#include "graph/pipeline.h"
#include "nodes/decode_jpeg.h"
#include "nodes/nets/alexnet.h"
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
  int rounds = 5;
  int batches = 40;  // of the waiting program
  int steps = 8;     // of the real one
  std::string folder;
};

double seconds_of_work(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// A net and a program that trains it.
struct Trainee {
  Net net = nodes::alexnet({});
  std::unique_ptr<NetState> state;
  std::unique_ptr<Program> program;
  nodes::TrainingClock clock{.seed = kSeed, .rate = 1e-4};
};

void compile(Trainee& trainee, Backend& backend, Arena& arena) {
  arena.run([&] {
    trainee.state = std::make_unique<NetState>(trainee.net, kSeed);
    trainee.program = backend.compile(trainee.net, *trainee.state,
                                      {.batch = kBatch, .purpose = Purpose::training});
  });
}

graph::BatchStream prepare(const MemoryFiles& files) {
  return graph::files(ReadMemory{&files}) | nodes::DecodeJpeg{} | bench_chain() |
         nodes::Collate{kSide};
}

graph::BatchStream train(graph::BatchStream stream, Trainee& trainee) {
  const nodes::StepContext step{.program = trainee.program.get(), .clock = &trainee.clock};
  return std::move(stream) | nodes::Forward{step} | nodes::Backward{step} | nodes::Update{step};
}

graph::PipelineOptions pipeline_options() {
  return {.batch = kBatch, .memory_bytes = std::size_t{1} << 30, .seed = kSeed};
}

// Runs a pipeline of its own over `batches` batches.
struct PipelineRun {
  double seconds = 0;
  AccountRecord account;
};

PipelineRun run_pipeline(Arena& arena, const MemoryFiles& files, int batches,
                         graph::BatchStream stream) {
  graph::Pipeline pipeline(arena, pipeline_options(), std::move(stream));
  MemorySource source(files, static_cast<std::uint32_t>(batches * kBatch));
  PipelineRun run;
  run.seconds = seconds_of_work([&] { pipeline.run(source); });
  run.account = pipeline.account();
  return run;
}

// The same phases on one batch that is there already, again and again.
double run_steps(Arena& arena, Trainee& trainee, int steps) {
  graph::Batch batch;
  std::vector<float> rows(static_cast<std::size_t>(kBatch * kSide * kSide * 3), 0.5F);
  batch.rows = rows;
  batch.labels.assign(kBatch, 1);
  batch.row_weights.assign(kBatch, 1.0F);
  const auto phase = [&](Phase p) {
    std::promise<void> done;
    arena.run([&] {
      trainee.program->run(p, nodes::step_input(batch, trainee.clock),
                           [&](std::exception_ptr) { done.set_value(); });
    });
    done.get_future().wait();
  };
  return seconds_of_work([&] {
    for (int step = 0; step < steps; ++step) {
      for (const Phase p : {Phase::forward, Phase::backward, Phase::update}) phase(p);
      ++trainee.clock.step;
    }
  });
}

// Seconds of each round.
struct Sides {
  std::vector<double> prepare, step, both, slower, sequence;
  void add(double prepare_seconds, double step_seconds, double both_seconds) {
    prepare.push_back(prepare_seconds);
    step.push_back(step_seconds);
    both.push_back(both_seconds);
    slower.push_back(std::max(prepare_seconds, step_seconds));
    sequence.push_back(prepare_seconds + step_seconds);
  }
};

void print(const char* name, const Sides& sides) {
  fmt::print("{}: prepare {} s, step {} s, pipeline {} s\n", name, spread(sides.prepare).text(2),
             spread(sides.step).text(2), spread(sides.both).text(2));
}

class Bench {
 public:
  Bench(const MemoryFiles& files, const Options& options)
      : files_(files), options_(options), arena_(options.threads) {
    backend_ = make_backend("auto");
    compile(real_, *backend_, arena_);
  }

  void run() {
    fmt::print("{} threads, {} rounds; batches of {}: {} with the waiting program, {} with {}\n",
               arena_.threads(), options_.rounds, kBatch, options_.batches, options_.steps,
               backend_->name());
    prepare_alone(2);  // warms up
    run_steps(arena_, real_, 1);
    for (int round = 0; round < options_.rounds; ++round) {
      wait_round(1.5, slow_device_);
      wait_round(0.5, fast_device_);
      shared_round();
    }
    report();
  }

 private:
  double prepare_alone(int batches) {
    return run_pipeline(arena_, files_, batches, prepare(files_)).seconds;
  }

  void wait_round(double step_of_prepare, Sides& sides) {
    const double alone = prepare_alone(options_.batches);
    const std::chrono::duration<double> step(alone / options_.batches * step_of_prepare);
    Trainee waiting;
    for (Layer& layer : waiting.net.layers)
      layer.start = {.weights = Start::Weights::normal, .deviation = 0.0};
    const auto device = make_waiting_backend(step);
    compile(waiting, *device, arena_);
    const double steps = run_steps(arena_, waiting, options_.batches);
    const PipelineRun both =
        run_pipeline(arena_, files_, options_.batches, train(prepare(files_), waiting));
    sides.add(alone, steps, both.seconds);
  }

  void shared_round() {
    const double cpu_start = process_cpu_seconds();
    const double alone = prepare_alone(options_.steps);
    const double steps = run_steps(arena_, real_, options_.steps);
    const double cpu_between = process_cpu_seconds();
    const PipelineRun both =
        run_pipeline(arena_, files_, options_.steps, train(prepare(files_), real_));
    shared_.add(alone, steps, both.seconds);
    cpu_in_sequence_.push_back(cpu_between - cpu_start);
    cpu_together_.push_back(process_cpu_seconds() - cpu_between);
    double nodes = 0;
    for (const NodeRecord& node : both.account.nodes) nodes += node.cpu_seconds;
    attributed_.push_back(nodes / (both.account.wall_seconds * arena_.threads()));
    gap_.push_back(both.account.gap_percent());
  }

  void report() const {
    print("waiting, slower step", slow_device_);
    print("waiting, faster step", fast_device_);
    print("shared cores", shared_);
    fmt::print("waiting, slower step: pipeline / slower side alone    {}\n",
               spread_of_ratios(slow_device_.both, slow_device_.slower).text(3));
    fmt::print("waiting, faster step: pipeline / slower side alone    {}\n",
               spread_of_ratios(fast_device_.both, fast_device_.slower).text(3));
    fmt::print("shared cores: rate / that of the phases in sequence   {}\n",
               spread_of_ratios(shared_.sequence, shared_.both).text(3));
    fmt::print("shared cores: the same by CPU time                    {}\n",
               spread_of_ratios(cpu_in_sequence_, cpu_together_).text(3));
    fmt::print("shared cores: CPU of nodes / (cores x wall)           {}\n",
               spread(attributed_).text(3));
    fmt::print("shared cores: gap of the account, %                   {}\n", spread(gap_).text(3));
  }

  const MemoryFiles& files_;
  Options options_;
  Arena arena_;
  std::unique_ptr<Backend> backend_;
  Trainee real_;
  Sides slow_device_, fast_device_, shared_;
  std::vector<double> attributed_, gap_, cpu_in_sequence_, cpu_together_;
};

void run(std::span<char*> arguments) {
  Options options{.folder = data_folder("photos")};
  parse_options(arguments,
                {{"--threads", &options.threads},
                 {"--rounds", &options.rounds},
                 {"--batches", &options.batches},
                 {"--steps", &options.steps}},
                &options.folder);
  const MemoryFiles files = load_jpeg_files(options.folder);
  Bench(files, options).run();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::bench::guarded("bench_overlap", [&] {
    sluice::bench::run({argv, static_cast<std::size_t>(argc)});
  });
}
