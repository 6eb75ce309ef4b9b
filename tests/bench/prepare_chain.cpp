#include "tests/bench/prepare_chain.h"

#include <xxhash.h>

#include <cstring>
#include <utility>

#include "nodes/augment_chain.h"
#include "nodes/decode_jpeg.h"
#include "runtime/error.h"
#include "tests/bench/cpu_time.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kSlots = 3;
constexpr std::size_t kRows = kSlots * kBatch;

template <class T>
T value_or_fail(Result<T> result, const std::string& name) {
  if (!result) fail(ErrorKind::run, "{}: {}", name, result.error().message);
  return std::move(result.value());
}

io::ChainEntry entry(std::string node, std::string parameter, io::RecipeValue value) {
  return {.node = node, .name = node, .use = true, .parameters = {{parameter, std::move(value)}}};
}

}  // namespace

graph::Chain bench_chain() {
  const std::vector<io::ChainEntry> chain{
      entry("rescale", "side", std::int64_t{256}),
      entry("random-crop", "side", std::int64_t{kSide}),
      entry("flip", "probability", 0.5),
      entry("pca-colour", "constants", std::string("authors")),
      entry("mean", "from", std::string("authors")),
  };
  return nodes::make_chain(chain, {});
}

std::uint64_t row_hash(std::span<const float> row) {
  return XXH3_64bits(row.data(), row.size_bytes());
}

NodeByNode::NodeByNode(const MemoryFiles& files, int threads)
    : files_(files), rows_(Block::allocate(kRows * collate_.row_floats() * sizeof(float))) {
  std::memset(rows_.data(), 0, rows_.size());  // no page faults while it is measured
  names_.emplace_back("decode");
  for (const auto& stage : chain_) names_.push_back(stage->name());
  seconds_.resize(static_cast<std::size_t>(threads), std::vector<double>(names_.size()));
}

void NodeByNode::operator()(Turn turn) {
  const MemoryFile& file = file_of(files_, turn.sample);
  std::vector<double>& seconds = seconds_[turn.worker];
  double start = thread_cpu_seconds();
  std::size_t node = 0;
  const auto lap = [&] {
    const double now = thread_cpu_seconds();
    seconds[node++] += now - std::exchange(start, now);
  };
  Image image = decoded(file);
  lap();
  const std::size_t last = chain_.size() - 1;
  for (std::size_t stage = 0; stage < last; ++stage) {
    image = applied(stage, turn.sample, image);
    lap();
  }
  const Planned plan = planned(last, turn.sample, image);
  const auto row = collate_.row_image(plan.extent, plan.type, row_of(turn.sample));
  require(row.has_value(), "the chain does not end in rows of the batch");
  apply(last, plan, image, *row);
  image = {};
  lap();
}

Image NodeByNode::decoded(const MemoryFile& file) {
  const nodes::DecodeJpeg node;
  const graph::DecodeNeeds needs = value_or_fail(node.inspect(file.bytes), file.name);
  Image image(pool_, needs.extent, PixelType::u8);
  value_or_fail(node.decode(file.bytes, image.view()), file.name);
  return image;
}

NodeByNode::Planned NodeByNode::planned(std::size_t stage, std::uint32_t sample,
                                        const Image& from) const {
  const graph::AugmentStage& node = *chain_[stage];
  Random random(
      {.seed = kSeed, .epoch = 0, .sample = sample, .stream = stream_id("augment/" + node.name())});
  const graph::DecisionBox decision = node.draw(random, from.extent());
  return {decision, node.extent_after(decision, from.extent()), node.type_after(from.type())};
}

void NodeByNode::apply(std::size_t stage, const Planned& plan, const Image& from, ImageView to) {
  const graph::AugmentStage& node = *chain_[stage];
  const std::size_t bytes = node.scratch_bytes(plan.decision, from.extent(), from.type());
  const Block scratch = bytes == 0 ? Block() : pool_.take(bytes);
  node.apply(all_of(from.view()), plan.decision, all_of(to), scratch.bytes().first(bytes));
}

Image NodeByNode::applied(std::size_t stage, std::uint32_t sample, const Image& from) {
  const Planned plan = planned(stage, sample, from);
  Image to(pool_, plan.extent, plan.type);
  apply(stage, plan, from, to.view());
  return to;
}

std::span<float> NodeByNode::row_of(std::uint32_t sample) const {
  const std::size_t floats = collate_.row_floats();
  return {reinterpret_cast<float*>(rows_.data()) + sample % kRows * floats, floats};
}

std::span<const float> NodeByNode::row(std::uint32_t sample) const { return row_of(sample); }

std::vector<double> NodeByNode::take_seconds() {
  std::vector<double> sum(names_.size());
  for (auto& thread : seconds_)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += std::exchange(thread[i], 0);
  return sum;
}

ThroughGraph::ThroughGraph(const MemoryFiles& files, Arena& arena, graph::Parts parts)
    : files_(files),
      pipeline_(arena,
                {.batch = kBatch, .slots = static_cast<int>(kSlots), .seed = kSeed, .parts = parts},
                graph::files(ReadMemory{&files}) | nodes::DecodeJpeg{} | bench_chain() |
                    nodes::Collate{.side = kSide}) {}

void ThroughGraph::run(std::uint32_t count) {
  MemorySource source(files_, count);
  pipeline_.run(source);
}

std::vector<std::uint64_t> ThroughGraph::hashes(std::uint32_t count) {
  MemorySource source(files_, count);
  std::vector<std::uint64_t> hashes;
  const std::size_t floats = nodes::Collate{.side = kSide}.row_floats();
  pipeline_.start(source);
  while (const auto lease = pipeline_.next()) {
    const graph::Batch& batch = lease->batch();
    for (const auto& bad : batch.bad) fail(ErrorKind::run, "{}: {}", bad.path, bad.error.message);
    for (int row = 0; row < batch.count; ++row)
      hashes.push_back(
          row_hash(batch.rows.subspan(static_cast<std::size_t>(row) * floats, floats)));
  }
  pipeline_.finish();
  return hashes;
}

}  // namespace sluice::bench
