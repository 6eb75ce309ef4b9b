// Batches: in order, one at a time in each node, the step token, and failures.
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
  if (stopped() || arrived.spoiled) {
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

// Starts whatever can start in the branch; after a stop, takes out what waits. A batch that a
// cancel finds inside a net goes on to its end, so that weights, report and checkpoint are of one
// step; a failure holds it too.
void Engine::advance(int b) {
  BranchState& branch = *branches_[index(b)];
  std::vector<BatchWork> starts;
  std::vector<int> held;
  {
    const std::lock_guard lock(branch.mutex);
    // Once for all nodes: a stop between two of them could free the token behind a node that waits
    // for it and was already passed. Under the lock: a failure is known before its token is free.
    const bool stop = stopped();
    const bool cancelled = stop && !failed_.load() && !abandoned_.load();
    for (auto it = branch.nodes.rbegin(); it != branch.nodes.rend(); ++it) {
      BatchNodeState& node = **it;
      while (stop && !node.waiting.empty()) {
        if (cancelled && slot(node.waiting.front(), b).in_net) break;
        const int group = node.waiting.pop();
        if (std::exchange(slot(group, b).holds_token, false)) branch.token_free = true;
        ++cell(*node.meter).held;
        held.push_back(group);
      }
      if (node.busy || node.waiting.empty()) continue;
      if (takes(node.stage->token())) {
        if (!branch.token_free) continue;
        branch.token_free = false;
        Slot& entering = slot(node.waiting.front(), b);
        entering.holds_token = entering.in_net = true;
      }
      node.busy = true;
      node.group = node.waiting.pop();
      starts.push_back({b, node.node, node.group});
    }
  }
  for (const int group : held) slot_back(group);
  for (const BatchWork& work : starts) scheduler_->start_batch_node(work);
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
    if ((failed || gives(node.stage->token())) && std::exchange(done.holds_token, false)) {
      branch.token_free = true;
    }
    node.busy = false;
  }
  const int b = node.branch;
  if (failed || last) {
    advance(b);
    slot_back(group);
  } else {
    arrive(b, node.node + 1, group);
  }
}

}  // namespace sluice::graph
