// The ledger of an arena: who sits in which of its slots, as oneTBB tells.
#pragma once

#include <memory>

#include "graph/thread_ledger.h"
#include "runtime/account.h"
#include "runtime/arena.h"

namespace sluice::graph {

// The calling thread's slot in the arena it is in, negative outside.
int arena_slot();

// One a process, where the account is to close over the whole process: made beside the arena by the
// main thread, handed to every pipeline. Must outlive them, and be outlived by the arena.
class ArenaLedger {
 public:
  ArenaLedger(Arena& arena, Home home);
  ~ArenaLedger();
  ArenaLedger(const ArenaLedger&) = delete;
  ArenaLedger& operator=(const ArenaLedger&) = delete;

  ThreadLedger& threads() { return threads_; }

  // Makes `account`, the nodes of all pipelines of the process, one of the whole process: its
  // overheads and what the kernel counts, since the process began. Needs a home.
  void close_over_process(AccountRecord& account);

 private:
  class Observer;
  ThreadLedger threads_;
  std::unique_ptr<Observer> observer_;
};

}  // namespace sluice::graph
