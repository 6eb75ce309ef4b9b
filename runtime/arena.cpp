#include "runtime/arena.h"

#include <sched.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <semaphore>

#include "runtime/cgroup.h"

namespace sluice {
namespace {

// Tells each thread which arena it is in.
class Membership final : public tbb::task_scheduler_observer {
 public:
  explicit Membership(tbb::task_arena& arena) : tbb::task_scheduler_observer(arena) {
    observe(true);
  }
  ~Membership() override { observe(false); }
  void on_scheduler_entry(bool) override { current_ = this; }
  void on_scheduler_exit(bool) override { current_ = nullptr; }
  bool is_mine() const { return current_ == this; }

 private:
  static thread_local const Membership* current_;
};

thread_local const Membership* Membership::current_ = nullptr;

}  // namespace

struct Arena::Impl {
  // Keeps the workers' pool, so that the last arena to go can wait until they have left: a worker
  // on its way out still refers to observers, which a leak checker would report.
  tbb::task_scheduler_handle pool{tbb::attach{}};
  // One more than the arena's slots: the thread that waits for a run is not one of the workers.
  tbb::global_control limit;
  tbb::task_arena arena;
  std::optional<Membership> membership;

  explicit Impl(int threads)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads) + 1),
        arena(threads, 0) {
    arena.initialize();
    membership.emplace(arena);
  }
  ~Impl() {
    membership.reset();
    arena.terminate();
    tbb::finalize(pool, std::nothrow);
  }
};

Arena::Arena(int threads)
    : threads_(threads > 0 ? threads : available_threads()),
      impl_(std::make_unique<Impl>(threads_)) {}

Arena::~Arena() = default;

// A caller from outside waits and lets a worker do it: in the arena it would take a slot, and a
// worker too many would look for one all the while, where nobody counts its CPU time.
void Arena::run(const std::function<void()>& work) {
  if (impl_->membership->is_mine()) return work();
  std::exception_ptr failure;
  std::binary_semaphore done(0);
  impl_->arena.enqueue([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    done.release();
  });
  done.acquire();
  if (failure) std::rethrow_exception(failure);
}

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
