// Batches: in order, one at a time in each node, the step token, and failures.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {
namespace {

bool takes(StepToken token) {
  return token == StepToken::takes || token == StepToken::takes_and_gives;
}

bool gives(StepToken token) {
  return token == StepToken::gives || token == StepToken::takes_and_gives;
}

}  // namespace

void Engine::order(BranchGroup work) {
  NodeMeter::Cell& counts = cell(*wiring_.branches[index(work.branch)].order_meter);
  Slot& arrived = slot(work.group, work.branch);
  ++counts.in;
  counts.queued_ns += now() - arrived.ready_ns;
  if (arrived.spoiled || holds(work.group, stop_now())) {
    ++counts.held;
    slot_back(work.group);
    return;
  }
  finish_rows(work.group, work.branch);
  if (drive_ == Drive::leases) {
    offer(work.group);
  } else if (branches_[index(work.branch)]->nodes.empty()) {
    ++counts.out;
    slot_back(work.group);
  } else {
    ++counts.out;
    arrive(work.branch, 0, work.group);
  }
}

void Engine::arrive(int b, int n, int group) {
  BranchState& branch = *branches_[index(b)];
  BatchNodeState& node = *branch.nodes[index(n)];
  ++cell(*node.meter).in;
  slot(group, b).ready_ns = now();
  {
    const std::lock_guard lock(branch.mutex);
    node.waiting.push(group);
  }
  advance(b);
}

// What an `advance` found, to be done without the lock.
struct Engine::Moves {
  std::vector<BatchWork> starts;
  std::vector<int> held;
  bool frees_token = false;
};

// Starts whatever can start in the branch; after a stop, takes out what waits and is held.
void Engine::advance(int b) {
  BranchState& branch = *branches_[index(b)];
  Moves moves;
  {
    const std::lock_guard lock(branch.mutex);
    // Once for all nodes: a stop between two of them could free the token behind a node that waits
    // for it and was already passed. Under the lock: a failure is known before its token is free.
    while (!find_moves(branch, stop_now(), moves)) {
    }
  }
  if (moves.frees_token) advance_others(b);
  for (const int group : moves.held) slot_back(group);
  for (const BatchWork& work : moves.starts) scheduler_->start_batch_node(work);
}

// A token that branches share is free: their batches may have waited for it.
void Engine::advance_others(int b) {
  for (const std::unique_ptr<Token>& token : tokens_) {
    if (std::ranges::find(token->branches, b) == token->branches.end()) continue;
    for (const int other : token->branches)
      if (other != b) advance(other);
  }
}

// Under the branch's lock. False: a cancel has just come, and must be looked at once more.
bool Engine::find_moves(BranchState& branch, Stop stop, Moves& moves) {
  for (auto it = branch.nodes.rbegin(); it != branch.nodes.rend(); ++it) {
    BatchNodeState& node = **it;
    take_out_held(node, stop, moves);
    if (node.busy || node.waiting.empty()) continue;
    if (takes(node.stage->token())) {
      bool free = true;
      if (!node.token->free.compare_exchange_strong(free, false)) continue;
      if (!begin_batch(node.waiting.front())) {
        moves.frees_token = node.token->free = true;
        return false;
      }
      slot(node.waiting.front(), node.branch).token = &node.token->free;
    }
    node.busy = true;
    node.group = node.waiting.pop();
    moves.starts.push_back({node.branch, node.node, node.group});
  }
  return true;
}

// Under the branch's lock.
void Engine::take_out_held(BatchNodeState& node, Stop stop, Moves& moves) {
  while (!node.waiting.empty() && holds(node.waiting.front(), stop)) {
    const int group = node.waiting.pop();
    if (auto* token = std::exchange(slot(group, node.branch).token, nullptr))
      moves.frees_token = *token = true;
    ++cell(*node.meter).held;
    moves.held.push_back(group);
  }
}

void Engine::run_batch_node(BatchWork work) {
  BatchNodeState& node = *branches_[index(work.branch)]->nodes[index(work.node)];
  const std::uint64_t ticket = ++node.last_ticket;
  node.failed = false;
  node.parts = 2;
  node.open_ticket = ticket;
  begin_batch_work(node, slot(work.group, work.branch).ready_ns);
  call_batch_node(node, ticket);
  part_done(node);
}

void Engine::call_batch_node(BatchNodeState& node, std::uint64_t ticket) {
  const CpuCharge charge(*this, node);
  try {
    // Two words, so that std::function needs no memory.
    node.stage->run(slot(node.group, node.branch).batch, [&node, ticket](std::exception_ptr error) {
      node.engine->answer(node, ticket, std::move(error));
    });
  } catch (...) {
    if (!answer(node, ticket, std::current_exception())) fail_run(std::current_exception());
  }
}

// `done` of a batch node, from any thread. A second call has no ticket any more: false.
bool Engine::answer(BatchNodeState& node, std::uint64_t ticket, std::exception_ptr error) noexcept {
  const Visit visit(*this);
  if (!node.open_ticket.compare_exchange_strong(ticket, 0)) return false;
  node.failed = error != nullptr;
  if (node.failed) fail_run(std::move(error));
  part_done(node);
  return true;
}

// A node is free only when `run` has returned and `done` was called.
void Engine::part_done(BatchNodeState& node) {
  if (--node.parts == 0) finish_batch_node(node);
}

void Engine::finish_batch_node(BatchNodeState& node) {
  BranchState& branch = *branches_[index(node.branch)];
  const int group = node.group;
  const bool failed = node.failed;
  end_batch_work(node);
  NodeMeter::Cell& counts = cell(*node.meter);
  ++(failed ? counts.failed : counts.out);
  const bool last = node.node + 1 == static_cast<int>(branch.nodes.size());
  {
    const std::lock_guard lock(branch.mutex);
    Slot& done = slot(group, node.branch);
    if (failed || gives(node.stage->token())) {
      if (auto* token = std::exchange(done.token, nullptr)) *token = true;
    }
    node.busy = false;
  }
  const int b = node.branch;
  if (failed || gives(node.stage->token())) advance_others(b);
  if (failed || last) {
    advance(b);
    slot_back(group);
  } else {
    arrive(b, node.node + 1, group);
  }
}

}  // namespace sluice::graph
