// What the engine has measured so far, for any thread at any time.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {
namespace {

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

// What a thread did not spend in image nodes, or helping batch nodes, or switching tasks.
double free_thread_seconds(const AccountRecord& account) {
  double taken = account.cpu_seconds_of("scheduler");
  for (const NodeRecord& node : account.nodes) {
    taken += node.unit == "image" ? node.busy_seconds : node.cpu_seconds;
  }
  return std::max(account.wall_seconds * account.threads - taken, 0.0);
}

}  // namespace

// The totals first: they bring the CPU of batch nodes up to date.
AccountRecord Engine::account(int threads) const {
  const Totals totals = this->totals();
  AccountRecord account{.nodes = wiring_.records(),
                        .overheads = graph::rows(totals.overheads),
                        .wall_seconds = seconds(totals.wall_ns),
                        .cpu_seconds_process = seconds(totals.cpu_ns),
                        .threads = threads,
                        .process = totals.usage};
  const double idle = free_thread_seconds(account);
  for (NodeRecord& node : account.nodes) {
    node.run_seconds = account.wall_seconds;
    if (node.lane == Lane::threads) node.starved_seconds = idle;
  }
  return account;
}

std::vector<NodeMoment> Engine::moments() const {
  ledger_.overheads();  // brings the CPU of batch nodes up to date
  std::vector<NodeMoment> moments;
  for (const WiredRow& row : wiring_.rows()) {
    NodeMoment moment = row.meter.moment();
    moment.queued = standing_before(row);
    const auto on_device = row.stage == nullptr ? std::nullopt : row.stage->device_seconds();
    if (on_device) moment.busy_seconds = *on_device;
    moments.push_back(moment);
  }
  return moments;
}

// Images: those that came out of the node before and did not go in; before `decode` also those that
// wait for their bytes. Batches: those that wait. None before the first node and the passage
// `order`.
std::int64_t Engine::standing_before(const WiredRow& row) const {
  if (row.stage != nullptr) {
    const BranchState& branch = *branches_[index(row.branch)];
    const std::lock_guard lock(branch.mutex);
    return static_cast<std::int64_t>(branch.nodes[index(row.node)]->waiting.size());
  }
  if (row.before == nullptr) return 0;
  std::int64_t waiting = 0;
  if (&row.meter == wiring_.decode_meter.get()) {
    const std::lock_guard lock(budget_mutex_);
    waiting = static_cast<std::int64_t>(planned_.size());
  }
  const std::int64_t in = row.meter.items_in();  // first: what goes in later has come out before
  return waiting + std::max<std::int64_t>(row.before->items_out() - in, 0);
}

InFlight Engine::in_flight() const {
  InFlight now{.slots_busy = memory_.slots - free_slots()};
  const std::lock_guard lock(budget_mutex_);
  now.file_bytes = static_cast<std::int64_t>(read_budget_.reserved());
  now.image_bytes = static_cast<std::int64_t>(image_budget_.reserved());
  return now;
}

}  // namespace sluice::graph
