// What measuring costs: a chain that only prepares, with and without clocks.
//   bench_account [--threads N] [--rounds R] [--passes P] [DIR]
// DIR (default $SLUICE_DATA/photos): JPEG files. Both run in every round, in turns; the ratio is
// the median of the rounds' own, by the clock and by the CPU time of the process.
#include <fmt/core.h>

#include <chrono>
#include <span>
#include <string>

#include "graph/pipeline.h"
#include "nodes/decode_jpeg.h"
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
  std::string folder;
};

struct Times {
  std::vector<double> wall, cpu;
};

class Bench {
 public:
  Bench(const MemoryFiles& files, const Options& options)
      : files_(files),
        count_(static_cast<std::uint32_t>(files.size()) *
               static_cast<std::uint32_t>(options.passes)),
        arena_(options.threads),
        on_(arena_, pipeline_options(graph::Measuring::on), stream()),
        off_(arena_, pipeline_options(graph::Measuring::off), stream()) {}

  void run(int rounds) {
    measure(on_, warm_);
    measure(off_, warm_);
    for (int round = 0; round < rounds; ++round) {
      const bool on_first = round % 2 == 0;
      measure(on_first ? on_ : off_, on_first ? with_ : without_);
      measure(on_first ? off_ : on_, on_first ? without_ : with_);
    }
    fmt::print("{} threads, {} images a run, {} rounds\n", arena_.threads(), count_, rounds);
    print("with measuring", with_);
    print("without", without_);
    fmt::print("with / without: by the clock {}, by CPU {}\n",
               spread_of_ratios(with_.wall, without_.wall).text(4),
               spread_of_ratios(with_.cpu, without_.cpu).text(4));
  }

 private:
  graph::BatchStream stream() const {
    return graph::files(ReadMemory{&files_}) | nodes::DecodeJpeg{} | bench_chain() |
           nodes::Collate{kSide};
  }
  static graph::PipelineOptions pipeline_options(graph::Measuring measuring) {
    return {.batch = kBatch,
            .memory_bytes = std::size_t{1} << 30,
            .seed = kSeed,
            .measuring = measuring};
  }

  void measure(graph::Pipeline& pipeline, Times& times) const {
    MemorySource source(files_, count_);
    const double cpu = process_cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    pipeline.run(source);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    times.wall.push_back(wall.count());
    times.cpu.push_back(process_cpu_seconds() - cpu);
  }

  void print(const char* name, const Times& times) const {
    std::vector<double> rates, cpu;
    for (const double seconds : times.wall) rates.push_back(count_ / seconds);
    for (const double seconds : times.cpu) cpu.push_back(seconds / count_ * 1e6);
    fmt::print("{:<15} {} images/s, {} us of CPU an image\n", name, spread(rates).text(1),
               spread(cpu).text(1));
  }

  const MemoryFiles& files_;
  std::uint32_t count_;
  Arena arena_;
  graph::Pipeline on_, off_;
  Times with_, without_, warm_;
};

void run(std::span<char*> arguments) {
  Options options{.folder = data_folder("photos")};
  parse_options(arguments,
                {{"--threads", &options.threads},
                 {"--rounds", &options.rounds},
                 {"--passes", &options.passes}},
                &options.folder);
  const MemoryFiles files = load_jpeg_files(options.folder);
  Bench(files, options).run(options.rounds);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return sluice::bench::guarded("bench_account", [&] {
    sluice::bench::run({argv, static_cast<std::size_t>(argc)});
  });
}
