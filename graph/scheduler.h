// What the engine asks of an executor. The engine owns all state and never waits; an executor only
// decides which thread does the next piece of work.
#pragma once

namespace sluice::graph {

struct BranchGroup {
  int branch = 0;
  int group = 0;
};

struct BatchWork {
  int branch = 0;
  int node = 0;
  int group = 0;
};

// Calls come from any thread and must return without waiting and without doing the work in place.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // `Engine::emit` may have something again (a slot or bytes came back), or the run is over.
  virtual void wake_source() = 0;
  // Image memory is granted, in sample order: decode, augment nodes, collate. The calls themselves
  // may overtake each other, since threads that grant put outside the lock.
  virtual void start_image(int record) = 0;
  // All rows of the slot are stored; to `Engine::order`, in the order of batches.
  virtual void order_batch(BranchGroup work) = 0;
  // To `Engine::run_batch_node`, soon: the net may be waiting.
  virtual void start_batch_node(BatchWork work) = 0;
};

}  // namespace sluice::graph
