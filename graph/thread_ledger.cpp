#include "graph/thread_ledger.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

namespace sluice::graph {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// False when the clock's thread is gone.
bool read_clock(clockid_t clock, std::int64_t& value) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return false;
  value = nanoseconds(time);
  return true;
}

}  // namespace

std::int64_t thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return nanoseconds(time);
}

std::int64_t wall_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return nanoseconds(time);
}

std::int64_t process_cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& t) {
    return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_usec * 1000;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

// Written by the thread in the slot, read by whoever settles: a sequence number (odd while the
// writer is inside) lets the reader take a consistent picture without a lock in the node's path.
// All are sequentially consistent, so that the order of these reads and writes is one order.
struct alignas(64) ThreadLedger::Cell {
  std::atomic<std::uint32_t> sequence = 0;
  std::atomic<bool> active = false;
  std::atomic<clockid_t> clock = 0;
  std::atomic<pthread_t> owner = 0;
  NanoCounter entered = 0;      // the thread's CPU clock when it took the slot
  NanoCounter charged = 0;      // to closed scopes since then
  NanoCounter open_start = -1;  // outermost scope's start, or -1
  NanoCounter retired = 0;      // outside CPU of the slot's earlier threads
  std::int64_t depth = 0;       // the slot's thread only
  std::int64_t inner = 0;       // CPU of scopes closed inside the open one; same thread only

  void begin_write() { sequence.fetch_add(1); }
  void end_write() { sequence.fetch_add(1); }

  std::int64_t outside() const;
};

std::int64_t ThreadLedger::Cell::outside() const {
  for (;;) {
    const std::uint32_t before = sequence.load();
    std::int64_t result = retired;
    std::int64_t now = 0;
    if (active && read_clock(clock, now)) {
      const std::int64_t scope = open_start < 0 ? 0 : now - open_start;
      result += now - entered - charged - scope;
    }
    if (before % 2 == 0 && sequence.load() == before) return result;
    std::this_thread::yield();
  }
}

ThreadLedger::ThreadLedger(int slots, int (*current_slot)()) : current_slot_(current_slot) {
  for (int slot = 0; slot < slots; ++slot) cells_.push_back(std::make_unique<Cell>());
}

ThreadLedger::~ThreadLedger() = default;

void ThreadLedger::enter(int slot) {
  if (slot < 0 || slot >= static_cast<int>(cells_.size())) return;
  Cell& cell = *cells_[static_cast<std::size_t>(slot)];
  if (cell.active && cell.owner == pthread_self()) return;
  clockid_t clock{};
  pthread_getcpuclockid(pthread_self(), &clock);
  // A thread that left before the observer noticed it: keep what can still be read.
  const std::int64_t earlier = cell.active ? cell.outside() : cell.retired.load();
  cell.begin_write();
  cell.retired = earlier;
  cell.clock = clock;
  cell.owner = pthread_self();
  cell.entered = thread_cpu_ns();
  cell.charged = 0;
  cell.open_start = -1;
  cell.active = true;
  cell.end_write();
  cell.depth = 0;
  cell.inner = 0;
}

void ThreadLedger::leave(int slot) {
  if (slot < 0 || slot >= static_cast<int>(cells_.size())) return;
  Cell& cell = *cells_[static_cast<std::size_t>(slot)];
  if (!cell.active || cell.owner != pthread_self()) return;
  cell.begin_write();
  cell.retired += thread_cpu_ns() - cell.entered - cell.charged;
  cell.active = false;
  cell.end_write();
}

ThreadLedger::Scope ThreadLedger::open() {
  Scope scope;
  scope.slot = current_slot_();
  if (scope.slot < 0 || scope.slot >= static_cast<int>(cells_.size())) {
    scope.slot = -1;
    scope.start_cpu = thread_cpu_ns();
    return scope;
  }
  Cell& cell = *cells_[static_cast<std::size_t>(scope.slot)];
  enter(scope.slot);  // the observer may come later than the first task
  scope.start_cpu = thread_cpu_ns();
  scope.inner_before = cell.inner;
  cell.inner = 0;
  if (cell.depth++ == 0) {
    cell.begin_write();
    cell.open_start = scope.start_cpu;
    cell.end_write();
  }
  return scope;
}

std::int64_t ThreadLedger::close(const Scope& scope) {
  const std::int64_t whole = thread_cpu_ns() - scope.start_cpu;
  if (scope.slot < 0) return whole;
  Cell& cell = *cells_[static_cast<std::size_t>(scope.slot)];
  const std::int64_t own = whole - cell.inner;
  cell.inner = scope.inner_before + whole;
  if (--cell.depth == 0) {
    cell.begin_write();
    cell.charged += whole;
    cell.open_start = -1;
    cell.end_write();
    cell.inner = 0;
  }
  return own;
}

std::int64_t ThreadLedger::outside_total() const {
  std::int64_t total = 0;
  for (const auto& cell : cells_) total += cell->outside();
  return total;
}

void ThreadLedger::settle_locked() {
  const std::int64_t total = outside_total();
  const std::int64_t fresh = std::max<std::int64_t>(total - settled_, 0);
  settled_ = std::max(total, settled_);
  if (phases_.empty()) {
    scheduler_ns_ += fresh;
    return;
  }
  const auto share = fresh / static_cast<std::int64_t>(phases_.size());
  for (NanoCounter* phase : phases_) *phase += share;
}

void ThreadLedger::settle() {
  const std::lock_guard lock(mutex_);
  settle_locked();
}

void ThreadLedger::start_run() {
  const std::lock_guard lock(mutex_);
  settled_ = outside_total();
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

}  // namespace sluice::graph
