// Whose CPU time is it? (law 6)
//
// Every arena thread has a cell by its arena slot. Per-image nodes open a scope around their body,
// which takes its thread's CPU time at both edges (thread_cell.h). All other CPU of arena threads
// is "outside": while batch nodes compute on the CPU it is theirs (helpers of their nested loops
// included), shared equally when several are in flight; otherwise it is an overhead with a name. A
// worker that finds nothing to do spins before it leaves the arena: when it has left, that has its
// own name (until then, 1.12 ms at most, it is outside CPU like any other).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "graph/node_meter.h"
#include "graph/thread_cell.h"

namespace sluice::graph {

// CPU that no node uses, in nanoseconds.
struct Overheads {
  std::int64_t start_up = 0;   // before the first run
  std::int64_t scheduler = 0;  // arena threads in a run, outside nodes: switching tasks
  std::int64_t spinning = 0;   // arena threads that found nothing to do
  std::int64_t caller = 0;     // the home thread in a run, outside the arena: who takes leases
  std::int64_t report = 0;     // after and between runs

  Overheads& operator+=(const Overheads& more);
  Overheads operator-(const Overheads& less) const;
  std::int64_t sum() const { return start_up + scheduler + spinning + caller + report; }
};

// As rows of the account.
std::vector<Overhead> rows(const Overheads& overheads);

// Whether the thread that makes a ledger has a cell for its work outside the arena.
enum class Home { none, calling_thread };

// Any thread may call; a slot's `enter`, `leave`, `open`, `close` come from the thread in that
// slot. One pipeline runs at a time.
class ThreadLedger {
 public:
  // `current_slot`: the calling thread's arena slot, or negative outside the arena. With a home,
  // all CPU that thread has used so far counts as start-up.
  ThreadLedger(int slots, int (*current_slot)(), Home home = Home::none);
  ThreadLedger(const ThreadLedger&) = delete;
  ThreadLedger& operator=(const ThreadLedger&) = delete;

  int slots() const { return slots_; }
  int slot() const { return current_slot_(); }

  void enter(int slot);
  void leave(int slot);

  // Scopes of one thread may nest (a wait inside a node may pick up another node's task): the inner
  // one's time is not the outer one's.
  struct Scope {
    int slot = -1;
    Waits waits = Waits::never;
    std::int64_t start_cpu = 0;
    std::int64_t inner_before = 0;
  };
  // `wall`: now, by the wall clock.
  Scope open(std::int64_t wall, Waits waits);
  // CPU nanoseconds of the scope; by a little less than none where the thread was stopped for a
  // moment in the scope before (thread_cell.h).
  std::int64_t close(const Scope& scope, std::int64_t wall);

  // Between the two, outside CPU is the run's.
  void start_run();
  void end_run();
  // Batch nodes that compute on the CPU: between the two calls outside CPU is (partly) theirs.
  void begin_phase(NanoCounter* cpu);
  void end_phase(NanoCounter* cpu);

  // Up to now.
  Overheads overheads();

 private:
  ThreadCell* cell_of(int slot);
  void settle_locked();

  const std::uint64_t id_;  // of all ledgers of the process
  const int slots_;
  int (*current_slot_)();
  std::vector<std::unique_ptr<ThreadCell>> cells_;
  std::unique_ptr<ThreadCell> home_;
  pthread_t home_thread_{};

  std::mutex mutex_;
  std::vector<NanoCounter*> phases_;  // in flight
  bool in_run_ = false;
  bool ran_ = false;
  std::int64_t settled_outside_ = 0;  // CPU of each kind that has an owner
  std::int64_t settled_spinning_ = 0;
  std::int64_t settled_home_ = 0;
  Overheads overheads_;
};

}  // namespace sluice::graph
