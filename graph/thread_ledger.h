// Whose CPU time is it? (law 6)
//
// Every arena thread has a cell by its arena slot. Per-image nodes open a scope around their body
// and read their own thread's CPU clock at both edges. All other CPU of arena threads is "outside":
// while batch nodes compute on the CPU it is theirs (helpers of their nested loops included),
// shared equally when several are in flight; otherwise it is the scheduler's.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <vector>

namespace sluice::graph {

using NanoCounter = std::atomic<std::int64_t>;

// Nanoseconds of CPU the calling thread has used; of wall time that has passed.
std::int64_t thread_cpu_ns();
std::int64_t wall_ns();
std::int64_t process_cpu_ns();

// Any thread may call; a slot's `enter`, `leave`, `open`, `close` come from the thread in that
// slot.
class ThreadLedger {
 public:
  // `current_slot`: the calling thread's arena slot, or negative outside the arena.
  ThreadLedger(int slots, int (*current_slot)());
  ~ThreadLedger();
  ThreadLedger(const ThreadLedger&) = delete;
  ThreadLedger& operator=(const ThreadLedger&) = delete;

  void enter(int slot);
  void leave(int slot);

  // Scopes of one thread may nest (a wait inside a node may pick up another node's task): the inner
  // one's time is not the outer one's.
  struct Scope {
    int slot = -1;
    std::int64_t start_cpu = 0;
    std::int64_t inner_before = 0;
  };
  Scope open();
  // CPU nanoseconds of the scope.
  std::int64_t close(const Scope& scope);

  // A run begins: what went before is nobody's.
  void start_run();
  void end_run() { settle(); }
  // Batch nodes that compute on the CPU: between the two calls outside CPU is (partly) theirs.
  void begin_phase(NanoCounter* cpu);
  void end_phase(NanoCounter* cpu);

  std::int64_t scheduler_ns() const { return scheduler_ns_.load(); }

 private:
  struct Cell;

  void settle();
  void settle_locked();
  std::int64_t outside_total() const;

  int (*current_slot_)();
  std::vector<std::unique_ptr<Cell>> cells_;
  std::mutex mutex_;
  std::vector<NanoCounter*> phases_;  // in flight
  std::int64_t settled_ = 0;          // outside CPU that has an owner
  NanoCounter scheduler_ns_ = 0;
};

}  // namespace sluice::graph
