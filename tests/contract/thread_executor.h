// The engine on plain threads, for ThreadSanitizer: it cannot see through the prebuilt oneTBB,
// whose hand-overs between tasks it takes for races, and hiding those would hide real ones as well.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "graph/engine.h"
#include "graph/executor.h"

namespace sluice::test {

struct ThreadOptions {
  int threads = 4;
  int delay_us = 0;  // up to so much, now and then: before a step, and inside the engine's calls
  std::uint32_t seed = 1;  // of the delays and of who does what
};

// The calling thread's slot in the ledger, negative where it works for no executor.
int thread_slot();

// Every step goes to the queue of some thread, by chance. The queues, sequencers and slots
// synchronise only what the engine may rely on: a step happens after the one before for its record
// or batch, after whoever asked for it, and after whoever sat in its slot before. A common queue
// would order nearly everything, and a race that is ordered by accident is not reported.
class ThreadExecutor final : public graph::GraphExecutor {
 public:
  // `engine` must outlive it; its ledger has `threads` slots and asks `thread_slot`.
  ThreadExecutor(graph::Engine& engine, const ThreadOptions& options);
  ~ThreadExecutor() override;

  void start() override;
  void prepare_next() override {}
  void wait() override;

  void wake_source() override;
  void start_image(int record) override;
  void order_batch(graph::BranchGroup work) override;
  void start_batch_node(graph::BatchWork work) override;

 private:
  enum class Kind { pump, read, plan, decode, trunk, branch, collate, order, batch };
  struct Step {
    Kind kind = Kind::pump;
    int number = 0;  // of a record or a slot group
    int branch = 0;
    int stage = 0;
  };

  // Lets numbers pass one at a time, in the order of their sequence.
  class Gate {
   public:
    // The number that may pass now, if there is one.
    std::optional<int> add(std::uint64_t sequence, int number);
    std::optional<int> passed();

   private:
    std::optional<int> open();

    std::mutex mutex_;
    std::map<std::uint64_t, int> arrived_;
    std::uint64_t next_ = 0;
    bool busy_ = false;
  };

  struct Worker {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Step> steps;
    bool stop = false;
    std::jthread thread;
  };

  void push(const Step& step);
  void work(Worker& worker);
  std::optional<Step> next_step(Worker& worker);
  void take_slot();
  void leave_slot();
  std::uint32_t chance();
  void dawdle();

  void run(const Step& step);
  void pump();
  void feed();
  void let_plan(std::optional<int> record);
  void let_order(int branch, std::optional<int> group);
  void behind_trunk(int record, int stage);
  void behind_branch(int record, int branch, int stage);

  graph::Engine& engine_;
  const ThreadOptions options_;
  std::atomic<bool> over_ = true;
  std::atomic<int> pending_ = 0;  // steps that wait or are done just now
  std::atomic<int> pumps_ = 0;    // calls of wake_source that the pump has not seen to
  std::atomic<std::uint32_t> draws_ = 0;
  Gate plans_;
  std::vector<std::unique_ptr<Gate>> orders_;
  std::vector<std::atomic<bool>> slots_;  // taken
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace sluice::test
