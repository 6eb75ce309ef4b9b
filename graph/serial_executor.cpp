// The engine in one thread: one image after the other, batches as soon as they are complete. It
// waits only where an asynchronous batch node or a lease must come back first.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <variant>

#include "graph/engine.h"
#include "graph/executor.h"

namespace sluice::graph {
namespace {

struct SerialExecutor final : GraphExecutor {
  explicit SerialExecutor(Engine& pipeline) : engine(pipeline) {}

  void start() override { signal = true; }
  void prepare_next() override {
    work_while([this] { return engine.next_would_wait(); });
  }
  void wait() override {
    work_while([this] { return !engine.over(); });
  }

  void wake_source() override {
    const std::lock_guard lock(mutex);
    signal = true;
    changed.notify_all();
  }
  void start_image(int record) override { image = record; }
  void order_batch(BranchGroup work) override { put(work); }
  void start_batch_node(BatchWork work) override { put(work); }

  void put(std::variant<BranchGroup, BatchWork> work) {
    const std::lock_guard lock(mutex);
    batches.push_back(work);
    changed.notify_all();
  }

  template <class Condition>
  void work_while(const Condition& condition) {
    engine.ledger().enter(serial_slot());
    while (condition()) {
      if (run_batch_work() || run_image()) continue;
      if (engine.finish_if_over()) continue;
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return signal || !batches.empty(); });
      signal = false;
    }
    engine.ledger().leave(serial_slot());
  }

  bool run_batch_work() {
    std::unique_lock lock(mutex);
    if (batches.empty()) return false;
    const auto work = batches.front();
    batches.pop_front();
    lock.unlock();
    if (const auto* group = std::get_if<BranchGroup>(&work)) {
      engine.order(*group);
    } else {
      engine.run_batch_node(std::get<BatchWork>(work));
    }
    return true;
  }

  bool run_image() {
    const std::optional<int> record = engine.emit();
    if (!record) return false;
    image = -1;
    engine.read(*record);
    engine.plan(*record);  // grants at once: nothing else is in flight
    const Wiring& wiring = engine.wiring();
    engine.decode(image);
    for (int stage = 0; stage < static_cast<int>(wiring.augment.size()); ++stage) {
      engine.augment_trunk(image, stage);
    }
    for (int b = 0; b < static_cast<int>(wiring.branches.size()); ++b) {
      const auto stages = wiring.branches[static_cast<std::size_t>(b)].augment.size();
      for (int stage = 0; stage < static_cast<int>(stages); ++stage) {
        engine.augment_branch(image, b, stage);
      }
      engine.collate(image, b);
    }
    return true;
  }

  Engine& engine;
  int image = -1;
  std::mutex mutex;
  std::condition_variable changed;
  bool signal = false;
  std::deque<std::variant<BranchGroup, BatchWork>> batches;
};

}  // namespace

std::unique_ptr<GraphExecutor> make_serial_executor(Engine& engine) {
  return std::make_unique<SerialExecutor>(engine);
}

int serial_slot() { return 0; }

}  // namespace sluice::graph
