// Parts of the engine that only its own .cpp files see.
#pragma once

#include "graph/engine.h"

namespace sluice::graph {

// The step token of a net, and the branches whose batches may wait for it.
struct Engine::Token {
  const void* net = nullptr;
  std::atomic<bool> free = true;
  std::vector<int> branches{};

  explicit Token(const void* of) : net(of) {}
};

// One batch node: what waits for it and what is in it. Queue, `busy` under its branch's lock; the
// rest belongs to the batch inside.
struct Engine::BatchNodeState {
  Engine* engine = nullptr;
  BatchStage* stage = nullptr;
  NodeMeter* meter = nullptr;
  int branch = 0;
  int node = 0;
  bool on_cpu = true;
  Ring waiting;
  bool busy = false;

  int group = 0;
  std::uint64_t last_ticket = 0;
  std::atomic<std::uint64_t> open_ticket = 0;  // 0: answered
  std::atomic<int> parts = 0;                  // `run` to return, `done` to be called
  bool failed = false;
  Token* token = nullptr;  // that it may take or give
  std::int64_t started_ns = 0;
  std::int64_t idle_since_ns = 0;  // since then nothing has been in the node

  explicit BatchNodeState(std::size_t slots) : waiting(slots) {}
};

struct Engine::BranchState {
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<BatchNodeState>> nodes;
};

// A thread that comes from outside (a device's, a consumer's) is inside the engine: `end_run` lets
// the pipeline go only after it has left.
class Engine::Visit {
 public:
  explicit Visit(Engine& engine) : visitors_(engine.visitors_) { ++visitors_; }
  ~Visit() { --visitors_; }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  std::atomic<int>& visitors_;
};

// While it lives, the node is charged: all outside CPU of the arena where it computes on the CPU,
// else what the calling thread uses.
class Engine::CpuCharge {
 public:
  CpuCharge(Engine& engine, BatchNodeState& node);
  ~CpuCharge();
  CpuCharge(const CpuCharge&) = delete;
  CpuCharge& operator=(const CpuCharge&) = delete;

 private:
  Engine& engine_;
  BatchNodeState& node_;
  ThreadLedger::Scope scope_;
};

}  // namespace sluice::graph
