// A million records and what becomes of each: a byte for every record, marked by the nodes that see
// it, and nodes that fail, wait and complete late by chance.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tests/graph/synthetic.h"
#include "tests/support/late_thread.h"

namespace sluice::test {

enum class Mark : std::uint8_t { emitted = 1, read = 2, decoded = 4, out = 8, failed = 16 };

struct Tally {
  std::int64_t emitted = 0;
  std::int64_t out = 0;
  std::int64_t failed = 0;
  std::int64_t held = 0;        // came out of no branch
  std::int64_t partly = 0;      // out or failed, but not in every branch
  std::int64_t unexpected = 0;  // out where it must fail, or the other way round
  Tally& operator+=(const Tally& more);
};

// Numbers of records count over all runs and pipelines.
class Fates {
 public:
  explicit Fates(std::uint32_t records) : marks_(records), world_(std::make_shared<World>()) {
    plan_troubles();
  }

  // Any thread. A mark that stands already is counted: something came twice. Second branches have
  // marks of their own.
  void mark(std::uint32_t record, Mark mark, int branch = 0);
  // What became of the records `first` to `last` - 1 in so many branches.
  Tally tally(std::uint32_t first, std::uint32_t last, int branches) const;

  std::uint32_t records() const { return static_cast<std::uint32_t>(marks_.size()); }
  std::int64_t twice() const { return twice_; }
  // Says which records are bad where; shared by the nodes of all pipelines.
  const SharedWorld& world() const { return world_; }
  bool must_fail(std::uint32_t record) const { return troubled_[record]; }

 private:
  void plan_troubles();

  std::vector<std::atomic<std::uint8_t>> marks_;
  std::vector<bool> troubled_;
  std::atomic<std::int64_t> twice_ = 0;
  SharedWorld world_;
};

// Hands out records from `first` on. Throws after `throw_after` of them.
class RecordSource final : public graph::Source {
 public:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::optional<std::uint32_t> throw_after;
  };
  RecordSource(Fates& fates, const Range& range) : fates_(fates), range_(range) {}
  std::optional<graph::SourceItem> next() override;
  std::uint32_t handed_out() const { return next_; }

 private:
  Fates& fates_;
  Range range_;
  std::uint32_t next_ = 0;
};

// Sleeps up to 300 us for one record in some hundreds, each at another node.
void dawdle(std::uint32_t record, std::uint32_t node);

struct MarkingRead {
  static constexpr graph::NodeInfo info = MemoryRead::info;
  MemoryRead reader;
  Fates* fates = nullptr;
  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const;
};

struct MarkingDecode {
  static constexpr graph::NodeInfo info = MemoryDecode::info;
  MemoryDecode decoder;
  Fates* fates = nullptr;
  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const {
    return decoder.inspect(bytes);
  }
  Result<Ok> decode(std::span<const std::byte> bytes, ImageView to) const;
};

// The batch that fails in the run to come; set between runs.
struct BatchFailure {
  enum class Way { throws, reports, reports_late };
  std::int64_t batch = -1;
  Way way = Way::throws;
};

// Two nodes like a net's first and last: between them is one batch at a time.
struct Enter {
  static constexpr graph::NodeInfo info{.name = "enter", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::takes;
  std::shared_ptr<LateThread> late;
  static std::string place() { return "late"; }
  void run(graph::Batch& batch, Completion done);
};

struct Leave {
  static constexpr graph::NodeInfo info{.name = "leave", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::gives;
  std::shared_ptr<LateThread> late;
  std::shared_ptr<BatchFailure> failure;
  void run(graph::Batch& batch, Completion done);
};

// Marks what came out of a branch, and whether it was what it had to be.
void mark_batch(Fates& fates, const graph::Batch& batch, int branch);

struct MarkingSink {
  static constexpr graph::NodeInfo info{.name = "sink", .kind = graph::NodeKind::batch};
  Fates* fates = nullptr;
  int branch = 0;
  void run(graph::Batch& batch, Completion done) {
    mark_batch(*fates, batch, branch);
    done(nullptr);
  }
};

}  // namespace sluice::test
