// One node's row of the account while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "graph/histogram.h"
#include "graph/thread_cell.h"
#include "runtime/account.h"
#include "runtime/memory.h"
#include "runtime/timeline.h"

namespace sluice::graph {

using NanoCounter = std::atomic<std::int64_t>;

// What a node is called and what it occupies.
struct NodeLabel {
  std::string name;
  std::string place;  // as NodeRecord
  std::string unit;
  Lane lane = Lane::threads;
  Waits waits = Waits::never;
};

// Every arena thread counts in a cell of its own, so that threads which run the same node share no
// cache line; threads from outside the arena share the last one. What is asked while a pipeline
// runs is right for each counter, and two of them may be a few items apart.
class NodeMeter {
 public:
  struct alignas(64) Cell {
    NanoCounter in = 0;
    NanoCounter out = 0;
    NanoCounter failed = 0;
    NanoCounter held = 0;
    NanoCounter busy_ns = 0;
    NanoCounter cpu_ns = 0;
    NanoCounter queued_ns = 0;
    Histogram times;
  };

  // `slots`: of the arena.
  NodeMeter(NodeLabel label, int slots)
      : label_(std::move(label)), cells_(static_cast<std::size_t>(slots) + 1) {}

  const std::string& name() const { return label_.name; }
  const std::string& place() const { return label_.place; }
  Lane lane() const { return label_.lane; }
  Waits waits() const { return label_.waits; }

  // The cell of the thread in arena slot `slot`, negative outside.
  Cell& cell(int slot) {
    const auto own = static_cast<std::size_t>(slot);
    return own < cells_.size() ? cells_[own] : cells_.back();
  }

  // CPU that the ledger finds to be this node's (helpers of nested loops); under the ledger's lock.
  NanoCounter phase_cpu_ns = 0;
  // By whoever runs a serial node or hands out what is waited for: one thread at a time.
  NanoCounter starved_ns = 0;
  NanoCounter blocked_ns = 0;
  // Of a serial node: when what is inside went in; 0: nothing is. It ends before `busy_ns` grows.
  NanoCounter inside_since_ns = 0;
  // Under the lock of the pool that the node's blocks come from.
  BytesHeld bytes;
  // Of the trace, where there is one: the node, and its track where it has one of its own.
  std::int32_t trace_name = -1;
  std::int32_t trace_track = -1;

  NodeRecord record() const;
  // Without what stands before the node.
  NodeMoment moment() const;
  std::int64_t items_in() const;
  std::int64_t items_out() const;

 private:
  std::int64_t sum_of(NanoCounter Cell::*counter) const;
  std::int64_t busy_ns() const;

  NodeLabel label_;
  std::vector<Cell> cells_;
};

}  // namespace sluice::graph
