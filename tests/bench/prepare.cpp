// What preparation costs beside decoding, from files in memory to finished f32 rows:
//   bench_prepare [--threads N] [--rounds R] [--passes P] [DIR]
// DIR (default $SLUICE_DATA/photos): JPEG files, each decoded P times a round. The ways take turns
// in every round, each round begins with another one; ratios are medians of the rounds' ratios.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "runtime/error.h"
#include "tests/bench/cpu_time.h"
#include "tests/bench/options.h"
#include "tests/bench/prepare_chain.h"
#include "tests/bench/prepare_decode.h"
#include "tests/bench/prepare_report.h"

namespace sluice::bench {
namespace {

struct Options {
  int threads = 0;
  int rounds = 7;
  int passes = 3;
  std::string folder;
};

// Everything that is measured, in the order of the report.
class Bench {
 public:
  Bench(const MemoryFiles& files, const Options& options)
      : arena_(options.threads),
        count_(static_cast<std::uint32_t>(files.size()) *
               static_cast<std::uint32_t>(options.passes)),
        bare_(files, arena_.threads()),
        decode_(files),
        by_node_(files, arena_.threads()),
        graph_(files, arena_, graph::Parts::whole),
        parts_(files, arena_, graph::Parts::needed) {
    for (const std::string& name : by_node_.names()) nodes_.push_back({name, {}});
  }

  int threads() const { return arena_.threads(); }

  // Throws Error{run} unless both chains give the same rows. Also fills pools and buffers, so that
  // no round pays for fresh memory.
  void compare() {
    std::vector<std::uint64_t> expected(count_);
    loop([&](Turn turn) {
      by_node_(turn);
      expected[turn.sample] = row_hash(by_node_.row(turn.sample));
    });
    by_node_.take_seconds();
    work(0);
    work(1);
    if (graph_.hashes(count_) != expected || parts_.hashes(count_) != expected)
      fail(ErrorKind::run, "the graph's rows differ from those of the nodes one by one");
    fmt::print("rows of the graph and node by node: the same {} xxh3 hashes\n", count_);
  }

  void round(std::size_t number) {
    for (std::size_t i = 0; i < ways_.size(); ++i) measure((i + number) % ways_.size());
    const std::vector<double> seconds = by_node_.take_seconds();
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      nodes_[i].us_per_image.push_back(seconds[i] * 1e6 / count_);
  }

  void print() const {
    for (const Way& way : ways_) fmt::print("{}\n", rate_line(way));
    fmt::print("node by node, CPU time:\n");
    for (const NodeTime& node : nodes_) fmt::print("{}\n", node_line(node));
    fmt::print("ratios, medians of {} rounds:\n", ways_[0].rates.size());
    fmt::print("{}\n", ratio_line(ways_[1], ways_[0]));
    fmt::print("{}\n", ratio_line(ways_[2], ways_[0]));
    fmt::print("{}\n", ratio_line(ways_[2], ways_[1]));
    fmt::print("{}\n", ratio_line(ways_[3], ways_[2]));
    fmt::print("{}\n", ratio_line(ways_[4], ways_[2]));
    fmt::print("{}\n", ratio_line(ways_[4], ways_[0]));
  }

 private:
  void loop(const std::function<void(Turn)>& work) { for_each_sample(arena_, count_, work); }

  void work(std::size_t way) {
    if (way == 0) return loop([&](Turn turn) { bare_(turn); });
    if (way == 1) return loop([&](Turn turn) { decode_(turn); });
    if (way == 2) return loop([&](Turn turn) { by_node_(turn); });
    (way == 3 ? graph_ : parts_).run(count_);
  }

  void measure(std::size_t way) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = process_cpu_seconds();
    work(way);
    const double cpu = process_cpu_seconds() - cpu_start;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    ways_[way].rates.push_back(count_ / seconds.count());
    ways_[way].cpu_us.push_back(cpu * 1e6 / count_);
  }

  Arena arena_;
  std::uint32_t count_;
  BareDecode bare_;
  NodeDecode decode_;
  NodeByNode by_node_;
  ThroughGraph graph_, parts_;
  std::vector<Way> ways_{{"plain libjpeg-turbo", {}, {}},
                         {"decode node", {}, {}},
                         {"node by node", {}, {}},
                         {"graph, whole images", {}, {}},
                         {"through the graph", {}, {}}};
  std::vector<NodeTime> nodes_;
};

void run(const Options& options) {
  const MemoryFiles files = load_jpeg_files(options.folder);
  Bench bench(files, options);
  std::size_t bytes = 0;
  for (const MemoryFile& file : files) bytes += file.bytes.size();
  fmt::print("{} files, {:.1f} MB, {} passes a round, {} rounds, {} threads\n", files.size(),
             static_cast<double>(bytes) * 1e-6, options.passes, options.rounds, bench.threads());
  bench.compare();
  for (int i = 0; i < options.rounds; ++i) bench.round(static_cast<std::size_t>(i));
  bench.print();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice::bench;
  return guarded("bench_prepare", [&] {
    Options options{.folder = data_folder("photos")};
    parse_options({argv, static_cast<std::size_t>(argc)},
                  {{"--threads", &options.threads},
                   {"--rounds", &options.rounds},
                   {"--passes", &options.passes}},
                  &options.folder);
    run(options);
  });
}
