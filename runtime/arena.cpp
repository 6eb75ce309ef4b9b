#include "runtime/arena.h"

#include <sched.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "runtime/cgroup.h"

namespace sluice {

struct Arena::Impl {
  // Keeps the workers' pool, so that the last arena to go can wait until they have left: a worker
  // on its way out still refers to observers, which a leak checker would report.
  tbb::task_scheduler_handle pool{tbb::attach{}};
  // One more than the arena's slots: the thread that waits for a run is not one of the workers.
  tbb::global_control limit;
  tbb::task_arena arena;

  explicit Impl(int threads)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads) + 1),
        arena(threads, 0) {
    arena.initialize();
  }
  ~Impl() {
    arena.terminate();
    tbb::finalize(pool, std::nothrow);
  }
};

Arena::Arena(int threads)
    : threads_(threads > 0 ? threads : available_threads()),
      impl_(std::make_unique<Impl>(threads_)) {}

Arena::~Arena() = default;

void Arena::run(const std::function<void()>& work) { impl_->arena.execute(work); }

void* Arena::native() { return &impl_->arena; }

void run_isolated(const std::function<void()>& work) { tbb::this_task_arena::isolate(work); }

void run_alone(const std::function<void()>& work) { tbb::task_arena(1).execute(work); }

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int threads = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  const double quota = cgroup_cpus();
  if (quota < threads) threads = static_cast<int>(quota + 0.5);
  return std::max(threads, 1);
}

}  // namespace sluice
