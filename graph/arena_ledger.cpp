#include "graph/arena_ledger.h"

#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

namespace sluice::graph {

int arena_slot() {
  const int slot = tbb::this_task_arena::current_thread_index();
  return slot == tbb::task_arena::not_initialized ? -1 : slot;
}

class ArenaLedger::Observer final : public tbb::task_scheduler_observer {
 public:
  Observer(tbb::task_arena& arena, ThreadLedger& ledger)
      : tbb::task_scheduler_observer(arena), ledger_(ledger) {
    observe(true);
  }
  ~Observer() override { observe(false); }
  void on_scheduler_entry(bool) override { ledger_.enter(arena_slot()); }
  void on_scheduler_exit(bool) override { ledger_.leave(arena_slot()); }

 private:
  ThreadLedger& ledger_;
};

ArenaLedger::ArenaLedger(Arena& arena, Home home)
    : threads_(arena.threads(), arena_slot, home),
      observer_(
          std::make_unique<Observer>(*static_cast<tbb::task_arena*>(arena.native()), threads_)) {}

ArenaLedger::~ArenaLedger() = default;

void ArenaLedger::close_over_process(AccountRecord& account) {
  account.process = process_usage();
  account.cpu_seconds_process = static_cast<double>(process_cpu_ns()) * 1e-9;
  account.overheads = rows(threads_.overheads());
}

}  // namespace sluice::graph
