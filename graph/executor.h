// Who does the engine's work.
#pragma once

#include <memory>

#include "graph/scheduler.h"
#include "runtime/arena.h"

namespace sluice::graph {

class Engine;

// One thread at a time calls `start`, `prepare_next` and `wait`.
class GraphExecutor : public Scheduler {
 public:
  virtual void start() = 0;
  // Before `Engine::next`: what must happen in the calling thread so that it need not wait for
  // ever.
  virtual void prepare_next() = 0;
  // Until the run is over.
  virtual void wait() = 0;
};

// oneTBB's flow graph on the arena.
std::unique_ptr<GraphExecutor> make_flow_executor(Arena& arena, Engine& engine);

// Everything in the thread that calls: the obviously right twin.
std::unique_ptr<GraphExecutor> make_serial_executor(Engine& engine);
int serial_slot();

}  // namespace sluice::graph
