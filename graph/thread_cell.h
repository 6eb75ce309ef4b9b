// What the ledger knows of the thread that sits in one arena slot.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <ctime>

namespace sluice::graph {

// Whether a node may wait for something (a disk, a device) instead of computing.
enum class Waits { never, maybe };

// Written by the thread in the slot, read by whoever settles: a sequence number (odd while the
// writer is inside) lets the reader take a consistent picture without a lock in the node's path.
// All are sequentially consistent, so that the order of these reads and writes is one order.
struct alignas(64) ThreadCell {
  using Nanos = std::atomic<std::int64_t>;

  std::atomic<std::uint32_t> sequence = 0;
  std::atomic<bool> active = false;
  std::atomic<clockid_t> clock = 0;
  std::atomic<pthread_t> owner = 0;
  Nanos entered = 0;      // the thread's CPU clock when it took the slot
  Nanos charged = 0;      // to closed scopes since then
  Nanos open_start = -1;  // outermost scope's start, or -1
  Nanos retired = 0;      // outside CPU of the slot's earlier threads, without spinning
  Nanos spun = 0;         // CPU of idle spinning before threads left
  // The slot's thread only:
  std::int64_t depth = 0;
  std::int64_t inner = 0;       // CPU of scopes closed inside the open one
  std::int64_t last_close = 0;  // its CPU clock when it last did a node's work, or came
  std::int64_t read_cpu = 0;    // what its CPU clock last said
  std::int64_t read_wall = 0;   // and when that was
  std::int64_t told_cpu = 0;    // the largest time that `cpu_at` has told

  // The calling thread takes the cell; its CPU counts from `from` on its own clock.
  void take(std::int64_t from);
  // It leaves. The last of its CPU, up to `spin_ns`, since it last did a node's work is spinning.
  void leave(std::int64_t spin_ns);
  bool is_mine() const { return active && owner == pthread_self(); }

  // The calling thread's CPU clock at `wall`, which is now. Reading it is a call into the kernel
  // (0.4 us where it was measured, ten to twenty times what the wall clock takes), so it is read
  // only when kTrusted has passed, or when a node that may wait begins or ends; until then the
  // thread is taken to have run all the time. What it did not run is missing in what comes next:
  // the time told stands still until the clock has caught up, so that sums stay exact and nothing
  // is negative.
  static constexpr std::int64_t kTrusted = 200'000;
  std::int64_t cpu_at(std::int64_t wall, Waits waits);

  // CPU of the cell's threads outside all scopes, without spinning, up to now.
  std::int64_t outside() const;

  // The outermost of nested scopes, at `now` on the thread's CPU clock; `whole`: what it took.
  void open_outermost(std::int64_t now);
  void close_outermost(std::int64_t now, std::int64_t whole);

 private:
  void begin_write() { sequence.fetch_add(1); }
  void end_write() { sequence.fetch_add(1); }
};

}  // namespace sluice::graph
