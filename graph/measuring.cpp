// What the engine measures beside counting.
#include <algorithm>

#include "graph/engine_parts.h"

namespace sluice::graph {

Engine::Work Engine::begin_work(const NodeMeter& meter) {
  if (options_.measuring == Measuring::off) return {};
  const std::int64_t now = wall_ns();
  return {.scope = ledger_.open(now, meter.waits()), .started_ns = now};
}

// `ready_ns`: since when the item waited for this node; then: since when for the next.
void Engine::end_work(NodeMeter& meter, const Work& work, std::int64_t& ready_ns,
                      std::int64_t item) {
  if (options_.measuring == Measuring::off) return;
  const std::int64_t ended = wall_ns();
  NodeMeter::Cell& cell = meter.cell(work.scope.slot);
  cell.busy_ns += ended - work.started_ns;
  cell.times.add(ended - work.started_ns);
  cell.queued_ns += std::max<std::int64_t>(work.started_ns - ready_ns, 0);
  cell.cpu_ns += ledger_.close(work.scope, ended);
  trace_thread(meter, work.scope.slot, work.started_ns, ended, item);
  ready_ns = ended;
}

// What lies between the end of the batch before and this one's begin: until this one was there the
// node was starved, from then on blocked.
void Engine::begin_batch_work(BatchNodeState& node, std::int64_t ready_ns) {
  if (options_.measuring == Measuring::off) return;
  node.started_ns = wall_ns();
  node.meter->inside_since_ns = node.started_ns;
  const std::int64_t there = std::clamp(ready_ns, node.idle_since_ns, node.started_ns);
  node.meter->starved_ns += there - node.idle_since_ns;
  node.meter->blocked_ns += node.started_ns - there;
  cell(*node.meter).queued_ns += node.started_ns - ready_ns;
}

void Engine::end_batch_work(BatchNodeState& node) {
  if (options_.measuring == Measuring::off) return;
  const std::int64_t ended = wall_ns();
  node.meter->inside_since_ns = 0;
  NodeMeter::Cell& cell = this->cell(*node.meter);
  cell.busy_ns += ended - node.started_ns;
  cell.times.add(ended - node.started_ns);
  node.idle_since_ns = ended;
  trace_batch(node, ended);
}

Engine::CpuCharge::CpuCharge(Engine& engine, BatchNodeState& node) : engine_(engine), node_(node) {
  if (engine_.options_.measuring == Measuring::off) return;
  if (node_.on_cpu) {
    engine_.ledger_.begin_phase(&node_.meter->phase_cpu_ns);
  } else {
    scope_ = engine_.ledger_.open(wall_ns(), Waits::maybe);
  }
}

Engine::CpuCharge::~CpuCharge() {
  if (engine_.options_.measuring == Measuring::off) return;
  if (node_.on_cpu) {
    engine_.ledger_.end_phase(&node_.meter->phase_cpu_ns);
  } else {
    node_.meter->cell(scope_.slot).cpu_ns += engine_.ledger_.close(scope_, wall_ns());
  }
}

// Somebody waits from now on, unless it waits already.
void Engine::wait_for(std::int64_t& since) const {
  if (since == 0) since = now();
}

// It waits no more: how long it did.
std::int64_t Engine::waited(std::int64_t& since) const {
  return since == 0 ? 0 : now() - std::exchange(since, 0);
}

Engine::Totals Engine::clocks() const {
  return {.wall_ns = wall_ns(),
          .cpu_ns = process_cpu_ns(),
          .usage = process_usage(),
          .overheads = ledger_.overheads()};
}

// Under the totals' lock.
void Engine::add_since_start(Totals& sum) const {
  const Totals now = clocks();
  sum.wall_ns += now.wall_ns - started_.wall_ns;
  sum.cpu_ns += now.cpu_ns - started_.cpu_ns;
  sum.overheads += now.overheads - started_.overheads;
  sum.usage = sum.usage + (now.usage - started_.usage);
}

void Engine::start_measuring() {
  const std::lock_guard lock(totals_mutex_);
  ledger_.start_run();
  started_ = clocks();
  measures_ = true;
  source_waits_since_ = 0;
  grant_waits_since_ = 0;
  for (const auto& branch : branches_) {
    for (const auto& node : branch->nodes) node->idle_since_ns = started_.wall_ns;
  }
}

void Engine::stop_measuring() {
  const std::lock_guard lock(totals_mutex_);
  ledger_.end_run();
  const std::int64_t ended = wall_ns();
  wiring_.source_meter->blocked_ns += waited(source_waits_since_);
  for (const auto& branch : branches_) {
    for (const auto& node : branch->nodes) node->meter->starved_ns += ended - node->idle_since_ns;
  }
  add_since_start(total_);
  measures_ = false;
}

Engine::Totals Engine::totals() const {
  const std::lock_guard lock(totals_mutex_);
  Totals sum = total_;
  if (measures_) add_since_start(sum);
  return sum;
}

}  // namespace sluice::graph
