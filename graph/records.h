// What is in flight: one `SampleRecord` a row of each slot group, made at start-up and used again.
//
// A slot group is one slot of every branch; batch b takes one group before its first sample leaves
// the source, and gives it back when every branch is done with its part.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "graph/node.h"
#include "runtime/image.h"
#include "runtime/memory.h"

namespace sluice::graph {

// What became of a sample on its way.
enum class SampleState : std::uint8_t {
  good,
  failed,  // carries its error to the end
  held,    // a stop found it waiting; travels on without being counted again
};

// What `plan` knows of one image node before a pixel exists.
struct StagePlan {
  DecisionBox decision;
  Extent extent;  // after the node
  Box box;        // the part of that which the nodes behind it need, and which is made
  PixelType type = PixelType::u8;
  std::size_t scratch_bytes = 0;  // what the node is handed to work in
};

// The part of a record that says what became of the sample, by reference.
struct SampleFate {
  SampleState& state;
  ItemError& error;
  std::string_view& failed_at;
  std::int64_t& ready_ns;
  std::int64_t item;  // of the data set
  int group;
};

// A sample in one branch.
struct BranchSample {
  std::vector<StagePlan> stages;
  Image image;  // empty while the branch still reads the trunk's
  SampleState state = SampleState::good;
  bool uses_trunk = true;
  bool stored = false;        // the last node has written the row
  std::int64_t ready_ns = 0;  // 0: since the trunk's record is
  ItemError error;
  std::string_view failed_at;
};

// Written by one thread at a time up to the split; then each branch writes its own part only.
struct SampleRecord {
  int group = 0;
  int row = 0;
  std::uint64_t sequence = 0;  // in the order of emission, over all runs
  SourceItem item;
  SampleState state = SampleState::good;
  ItemError error;
  std::string_view failed_at;
  std::int64_t ready_ns = 0;  // when it came out of the node before

  Block file;  // compressed
  std::size_t file_reserved = 0;
  std::size_t file_size = 0;
  DecodeNeeds needs;
  StagePlan decoded;  // the decoder's output
  std::size_t image_reserved = 0;
  Image image;  // the trunk's: read-only once branches share it
  std::vector<StagePlan> stages;
  std::atomic<int> trunk_users = 0;    // branches that still read `image`
  std::atomic<int> branches_left = 0;  // branches that have not stored it
  std::vector<BranchSample> branches;
};

inline SampleFate fate(SampleRecord& sample) {
  return {sample.state,    sample.error,          sample.failed_at,
          sample.ready_ns, sample.item.id.number, sample.group};
}
inline SampleFate fate(BranchSample& branch, const SampleRecord& sample) {
  return {branch.state,    branch.error,          branch.failed_at,
          branch.ready_ns, sample.item.id.number, sample.group};
}

// One branch's part of a slot group.
struct Slot {
  Batch batch;
  std::shared_ptr<std::byte> rows;
  std::atomic<int> pending = 0;        // samples not stored yet, and one while the batch is open
  std::atomic<bool> spoiled = false;   // a held sample: the batch is never trained on
  std::atomic<bool>* token = nullptr;  // that it holds: true is free; under the batch lock
  std::int64_t ready_ns = 0;           // when it came out of the node before
};

// What a cancel makes of a batch: where a branch's net has begun it, every branch finishes it, so
// that nets that are trained side by side stop at one step; else every branch holds it.
enum class Course : std::uint8_t { open, begun, held };

struct SlotGroup {
  std::vector<std::unique_ptr<Slot>> slots;            // one a branch
  std::vector<std::unique_ptr<SampleRecord>> records;  // one a row
  std::atomic<int> branches_left = 0;                  // slots not given back
  std::atomic<Course> course = Course::open;
  std::uint64_t sequence = 0;  // batches over all runs
};

}  // namespace sluice::graph
