#include "graph/thread_ledger.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "graph/clocks.h"

namespace sluice::graph {
namespace {

// A worker of oneTBB 2022 and newer that finds no task looks for one for a millisecond (by the
// clock) and then leaves the arena: 1.10 to 1.12 ms of CPU (tests/bench/README.md has the program).
constexpr std::int64_t kSpinNs = 1'120'000;

// What a thread's CPU clock said when it last left a slot, and of which ledger.
struct LastLeave {
  std::uint64_t ledger = 0;
  std::int64_t cpu = 0;
};
thread_local LastLeave last_leave;

std::uint64_t next_ledger() {
  static std::atomic<std::uint64_t> count = 0;
  return ++count;
}

// What is new since it was last settled.
std::int64_t fresh(std::int64_t total, std::int64_t& settled) {
  return total - std::exchange(settled, total);
}

}  // namespace

Overheads& Overheads::operator+=(const Overheads& more) {
  start_up += more.start_up;
  scheduler += more.scheduler;
  spinning += more.spinning;
  caller += more.caller;
  report += more.report;
  return *this;
}

Overheads Overheads::operator-(const Overheads& less) const {
  return {.start_up = start_up - less.start_up,
          .scheduler = scheduler - less.scheduler,
          .spinning = spinning - less.spinning,
          .caller = caller - less.caller,
          .report = report - less.report};
}

std::vector<Overhead> rows(const Overheads& overheads) {
  // (A thread that lost its core just now may have been told a fraction of a millisecond too much.)
  const auto seconds = [](std::int64_t ns) {
    return static_cast<double>(std::max<std::int64_t>(ns, 0)) * 1e-9;
  };
  return {{"start-up", seconds(overheads.start_up)},
          {"scheduler", seconds(overheads.scheduler)},
          {"spinning", seconds(overheads.spinning)},
          {"caller", seconds(overheads.caller)},
          {"report", seconds(overheads.report)}};
}

ThreadLedger::ThreadLedger(int slots, int (*current_slot)(), Home home)
    : id_(next_ledger()), slots_(slots), current_slot_(current_slot) {
  for (int slot = 0; slot < slots; ++slot) cells_.push_back(std::make_unique<ThreadCell>());
  if (home == Home::none) return;
  home_ = std::make_unique<ThreadCell>();
  home_thread_ = pthread_self();
  home_->take(0);
}

// The home thread's own cell where it sits in no slot; none for threads from elsewhere.
ThreadCell* ThreadLedger::cell_of(int slot) {
  if (slot >= 0 && slot < slots_) return cells_[static_cast<std::size_t>(slot)].get();
  return home_ != nullptr && home_thread_ == pthread_self() ? home_.get() : nullptr;
}

void ThreadLedger::enter(int slot) {
  if (slot < 0 || slot >= slots_) return;
  ThreadCell& cell = *cells_[static_cast<std::size_t>(slot)];
  if (cell.is_mine()) return;
  if (home_ != nullptr && home_->is_mine()) home_->leave(0);
  // A worker on its way out of the arena, asleep and on its way in is nobody else's.
  const bool comes_back = last_leave.ledger == id_;
  cell.take(comes_back ? last_leave.cpu : thread_cpu_ns());
}

void ThreadLedger::leave(int slot) {
  if (slot < 0 || slot >= slots_) return;
  ThreadCell& cell = *cells_[static_cast<std::size_t>(slot)];
  if (!cell.is_mine()) return;
  const bool home = home_ != nullptr && home_thread_ == pthread_self();
  cell.leave(home ? 0 : kSpinNs);
  const std::int64_t now = thread_cpu_ns();
  if (home) home_->take(now);
  last_leave = {.ledger = home ? 0 : id_, .cpu = now};
}

ThreadLedger::Scope ThreadLedger::open(std::int64_t wall, Waits waits) {
  Scope scope{.slot = current_slot_(), .waits = waits};
  enter(scope.slot);  // the observer may come later than the first task
  ThreadCell* cell = cell_of(scope.slot);
  scope.start_cpu = cell == nullptr ? thread_cpu_ns() : cell->cpu_at(wall, waits);
  if (cell == nullptr) return scope;
  scope.inner_before = std::exchange(cell->inner, 0);
  if (cell->depth++ == 0) cell->open_outermost(scope.start_cpu);
  return scope;
}

std::int64_t ThreadLedger::close(const Scope& scope, std::int64_t wall) {
  ThreadCell* cell = cell_of(scope.slot);
  const std::int64_t now = cell == nullptr ? thread_cpu_ns() : cell->cpu_at(wall, scope.waits);
  const std::int64_t whole = now - scope.start_cpu;
  if (cell == nullptr) return whole;
  const std::int64_t own = whole - cell->inner;
  cell->inner = scope.inner_before + whole;
  if (--cell->depth == 0) {
    cell->close_outermost(now, whole);
    cell->inner = 0;
  }
  return own;
}

void ThreadLedger::settle_locked() {
  std::int64_t outside_total = 0;
  std::int64_t spinning_total = 0;
  for (const auto& cell : cells_) {
    outside_total += cell->outside();
    spinning_total += cell->spun;
  }
  overheads_.spinning += fresh(spinning_total, settled_spinning_);
  std::int64_t& between = ran_ ? overheads_.report : overheads_.start_up;
  if (home_ != nullptr)
    (in_run_ ? overheads_.caller : between) += fresh(home_->outside(), settled_home_);
  // Less than before, where a worker has left and what it did last turned out to be spinning: who
  // was charged pays back, but a phase only what it got since.
  if (!phases_.empty() && outside_total <= settled_outside_) return;
  const std::int64_t outside = fresh(outside_total, settled_outside_);
  if (phases_.empty()) {
    (in_run_ ? overheads_.scheduler : between) += outside;
    return;
  }
  const auto share = outside / static_cast<std::int64_t>(phases_.size());
  for (NanoCounter* phase : phases_) *phase += share;
}

void ThreadLedger::start_run() {
  const std::lock_guard lock(mutex_);
  settle_locked();
  in_run_ = ran_ = true;
}

void ThreadLedger::end_run() {
  const std::lock_guard lock(mutex_);
  settle_locked();
  in_run_ = false;
}

void ThreadLedger::begin_phase(NanoCounter* cpu) {
  const std::lock_guard lock(mutex_);
  settle_locked();
  phases_.push_back(cpu);
}

void ThreadLedger::end_phase(NanoCounter* cpu) {
  const std::lock_guard lock(mutex_);
  settle_locked();
  phases_.erase(std::find(phases_.begin(), phases_.end(), cpu));
}

Overheads ThreadLedger::overheads() {
  const std::lock_guard lock(mutex_);
  settle_locked();
  return overheads_;
}

}  // namespace sluice::graph
