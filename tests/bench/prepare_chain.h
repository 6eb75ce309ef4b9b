// From files in memory to finished rows: node by node in a loop, and through the graph.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/pipeline.h"
#include "nodes/collate.h"
#include "tests/bench/prepare_files.h"
#include "tests/bench/prepare_parallel.h"

namespace sluice::bench {

inline constexpr int kSide = 224;
inline constexpr int kBatch = 128;
inline constexpr std::uint64_t kSeed = 1;

// Rescale 256 (antialias), random crop 224, flip, PCA colour with the authors' constants, the
// authors' mean colour.
graph::Chain bench_chain();

// A row's pixels, whatever made them.
std::uint64_t row_hash(std::span<const float> row);

// Calls what the graph calls for each node, in the order of the chain, with memory from the same
// kind of pool: whole images, and the last node writes the row, as in the graph. Rows rotate
// through as many as the graph has slots for, so that they are cold.
class NodeByNode {
 public:
  NodeByNode(const MemoryFiles& files, int threads);
  void operator()(Turn turn);

  std::span<const float> row(std::uint32_t sample) const;
  const std::vector<std::string>& names() const { return names_; }  // decode, ...
  // CPU seconds since the last call, by node, of all threads together.
  std::vector<double> take_seconds();

 private:
  Image decoded(const MemoryFile& file);
  // A stage's decision and what it will make.
  struct Planned {
    graph::DecisionBox decision;
    Extent extent;
    PixelType type = PixelType::u8;
  };
  Planned planned(std::size_t stage, std::uint32_t sample, const Image& from) const;
  void apply(std::size_t stage, const Planned& plan, const Image& from, ImageView to);
  Image applied(std::size_t stage, std::uint32_t sample, const Image& from);
  std::span<float> row_of(std::uint32_t sample) const;

  const MemoryFiles& files_;
  graph::Chain chain_ = bench_chain();
  nodes::Collate collate_{.side = kSide};
  BlockPool pool_{std::size_t{1} << 30};
  Block rows_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> seconds_;  // by thread and node
};

// The same through graph::Pipeline, batches of kBatch, to the end of collate.
class ThroughGraph {
 public:
  ThroughGraph(const MemoryFiles& files, Arena& arena, graph::Parts parts);
  void run(std::uint32_t count);
  // One more run, and each row's hash by sample.
  std::vector<std::uint64_t> hashes(std::uint32_t count);
  const graph::MemoryPlan& memory() const { return pipeline_.memory(); }

 private:
  const MemoryFiles& files_;
  graph::Pipeline pipeline_;
};

}  // namespace sluice::bench
