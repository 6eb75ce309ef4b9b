#include "tests/bench/prepare_parallel.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>

namespace sluice::bench {

// One long task a thread that fetches sample after sample: no stealing, no splitting, and rows are
// written in the order of a batch.
void for_each_sample(Arena& arena, std::uint32_t count, const std::function<void(Turn)>& work) {
  std::atomic<std::uint32_t> next = 0;
  arena.run([&] {
    tbb::parallel_for(
        0, arena.threads(),
        [&](int) {
          const auto worker =
              static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
          for (std::uint32_t sample = next++; sample < count; sample = next++)
            work({.sample = sample, .worker = worker});
        },
        tbb::simple_partitioner{});
  });
}

}  // namespace sluice::bench
