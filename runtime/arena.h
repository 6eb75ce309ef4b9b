// The one set of worker threads that preparation and training share. No library of ours starts
// another pool beside it (oneDNN is built on oneTBB and uses the arena it is called in).
#pragma once

#include <functional>
#include <memory>

namespace sluice {

// Owns `threads` workers. Any thread may call `run`.
class Arena {
 public:
  // 0: as many as affinity and cgroup allow.
  explicit Arena(int threads = 0);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  int threads() const { return threads_; }
  // Runs `work` inside the arena and waits for it; rethrows what it throws. Not from inside another
  // arena: its worker would wait, and may be the only one.
  void run(const std::function<void()>& work);
  // oneTBB's arena, for graph/ and backends (tbb::task_arena*).
  void* native();

 private:
  struct Impl;
  int threads_;
  std::unique_ptr<Impl> impl_;
};

// Runs `work` so that a thread that waits inside it takes no task from outside (a decode task must
// not hold up a training step).
void run_isolated(const std::function<void()>& work);

// Runs `work` in the calling thread without any helper, in an arena of its own.
void run_alone(const std::function<void()>& work);

// Threads that affinity and the cgroup's quota allow, at least 1.
int available_threads();

}  // namespace sluice
