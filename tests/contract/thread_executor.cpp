#include "tests/contract/thread_executor.h"

#include <chrono>

namespace sluice::test {
namespace {

thread_local int own_slot = -1;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

int thread_slot() { return own_slot; }

std::optional<int> ThreadExecutor::Gate::add(std::uint64_t sequence, int number) {
  const std::lock_guard lock(mutex_);
  arrived_.emplace(sequence, number);
  return open();
}

std::optional<int> ThreadExecutor::Gate::passed() {
  const std::lock_guard lock(mutex_);
  busy_ = false;
  return open();
}

std::optional<int> ThreadExecutor::Gate::open() {
  if (busy_ || arrived_.empty() || arrived_.begin()->first != next_) return std::nullopt;
  const int number = arrived_.begin()->second;
  arrived_.erase(arrived_.begin());
  ++next_;
  busy_ = true;
  return number;
}

ThreadExecutor::ThreadExecutor(graph::Engine& engine, const ThreadOptions& options)
    : engine_(engine), options_(options), slots_(index(options.threads)) {
  for (std::size_t b = 0; b < engine.wiring().branches.size(); ++b) {
    orders_.push_back(std::make_unique<Gate>());
  }
  for (int i = 0; i < options.threads; ++i) workers_.push_back(std::make_unique<Worker>());
  for (const auto& worker : workers_) {
    worker->thread = std::jthread([this, &own = *worker] { work(own); });
  }
}

ThreadExecutor::~ThreadExecutor() {
  for (const auto& worker : workers_) {
    const std::lock_guard lock(worker->mutex);
    worker->stop = true;
    worker->changed.notify_all();
  }
}

void ThreadExecutor::start() {
  over_ = false;
  wake_source();
}

// The last step of a run is over before its thread has left the engine, so all of them are waited
// for.
void ThreadExecutor::wait() {
  while (!over_ || pending_.load(std::memory_order_acquire) != 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

// The engine's thread may be stopped anywhere: each call takes its time, before or after it has
// told, so that others run past what the engine does behind the call.
void ThreadExecutor::wake_source() {
  dawdle();
  if (pumps_.fetch_add(1, std::memory_order_release) == 0) push({.kind = Kind::pump});
}

void ThreadExecutor::start_image(int record) {
  push({.kind = Kind::decode, .number = record});
  dawdle();
}

void ThreadExecutor::order_batch(graph::BranchGroup work) {
  let_order(work.branch,
            orders_[index(work.branch)]->add(engine_.batch_sequence(work.group), work.group));
  dawdle();
}

void ThreadExecutor::start_batch_node(graph::BatchWork work) {
  push({.kind = Kind::batch, .number = work.group, .branch = work.branch, .stage = work.node});
  dawdle();
}

// Numbers that look random: the next output of a counter and a mixer (splitmix32). Relaxed, so that
// it orders nothing.
std::uint32_t ThreadExecutor::chance() {
  std::uint32_t x = options_.seed + draws_.fetch_add(1, std::memory_order_relaxed) * 0x9E3779B9U;
  x = (x ^ (x >> 16)) * 0x21F0AAADU;
  x = (x ^ (x >> 15)) * 0x735A2D97U;
  return x ^ (x >> 15);
}

void ThreadExecutor::dawdle() {
  if (options_.delay_us == 0 || chance() % 4 != 0) return;
  const std::uint32_t us = chance() % static_cast<std::uint32_t>(options_.delay_us);
  std::this_thread::sleep_for(std::chrono::microseconds(us));
}

void ThreadExecutor::push(const Step& step) {
  pending_.fetch_add(1, std::memory_order_relaxed);
  Worker& worker = *workers_[chance() % workers_.size()];
  const std::lock_guard lock(worker.mutex);
  worker.steps.push_back(step);
  worker.changed.notify_one();
}

void ThreadExecutor::work(Worker& worker) {
  while (const std::optional<Step> step = next_step(worker)) {
    dawdle();
    take_slot();
    run(*step);
    // Released, not acquired: what one step did must not be visible to another by accident.
    pending_.fetch_sub(1, std::memory_order_release);
  }
  leave_slot();
}

// Waits outside its slot, as a worker of an arena does. None: the end.
std::optional<ThreadExecutor::Step> ThreadExecutor::next_step(Worker& worker) {
  std::unique_lock lock(worker.mutex);
  if (worker.steps.empty()) {
    lock.unlock();
    leave_slot();
    lock.lock();
  }
  worker.changed.wait(lock, [&] { return worker.stop || !worker.steps.empty(); });
  if (worker.stop) return std::nullopt;
  const Step step = worker.steps.front();
  worker.steps.pop_front();
  return step;
}

// Any free one, so that slots change hands. Sometimes the ledger hears of it only with the first
// scope, as from oneTBB.
void ThreadExecutor::take_slot() {
  if (own_slot >= 0) return;
  for (std::uint32_t slot = chance();; ++slot) {
    std::atomic<bool>& taken = slots_[slot % slots_.size()];
    if (taken.exchange(true, std::memory_order_acquire)) continue;
    own_slot = static_cast<int>(slot % slots_.size());
    if (chance() % 2 == 0) engine_.ledger().enter(own_slot);
    return;
  }
}

void ThreadExecutor::leave_slot() {
  if (own_slot < 0) return;
  engine_.ledger().leave(own_slot);
  const int slot = own_slot;
  own_slot = -1;
  slots_[index(slot)].store(false, std::memory_order_release);
}

void ThreadExecutor::run(const Step& step) {
  switch (step.kind) {
    case Kind::pump:
      return pump();
    case Kind::read:
      engine_.read(step.number);
      return let_plan(plans_.add(engine_.sequence(step.number), step.number));
    case Kind::plan:
      engine_.plan(step.number);
      return let_plan(plans_.passed());
    case Kind::decode:
      engine_.decode(step.number);
      return behind_trunk(step.number, 0);
    case Kind::trunk:
      engine_.augment_trunk(step.number, step.stage);
      return behind_trunk(step.number, step.stage + 1);
    case Kind::branch:
      engine_.augment_branch(step.number, step.branch, step.stage);
      return behind_branch(step.number, step.branch, step.stage + 1);
    case Kind::collate:
      return engine_.collate(step.number, step.branch);
    case Kind::order:
      engine_.order({.branch = step.branch, .group = step.number});
      return let_order(step.branch, orders_[index(step.branch)]->passed());
    case Kind::batch:
      return engine_.run_batch_node(
          {.branch = step.branch, .node = step.stage, .group = step.number});
  }
}

// One thread at a time: whoever wakes it meanwhile makes it look once more.
void ThreadExecutor::pump() {
  int seen = 0;
  do {
    seen = pumps_;
    if (!over_) feed();
  } while (!pumps_.compare_exchange_strong(seen, 0));
}

void ThreadExecutor::feed() {
  while (const std::optional<int> record = engine_.emit()) {
    push({.kind = Kind::read, .number = *record});
  }
  if (engine_.finish_if_over()) over_ = true;
}

void ThreadExecutor::let_plan(std::optional<int> record) {
  if (record) push({.kind = Kind::plan, .number = *record});
}

void ThreadExecutor::let_order(int branch, std::optional<int> group) {
  if (group) push({.kind = Kind::order, .number = *group, .branch = branch});
}

void ThreadExecutor::behind_trunk(int record, int stage) {
  if (stage < static_cast<int>(engine_.wiring().augment.size())) {
    return push({.kind = Kind::trunk, .number = record, .stage = stage});
  }
  for (std::size_t b = 0; b < engine_.wiring().branches.size(); ++b) {
    behind_branch(record, static_cast<int>(b), 0);
  }
}

void ThreadExecutor::behind_branch(int record, int branch, int stage) {
  const auto stages = engine_.wiring().branches[index(branch)].augment.size();
  push({.kind = stage < static_cast<int>(stages) ? Kind::branch : Kind::collate,
        .number = record,
        .branch = branch,
        .stage = stage});
}

}  // namespace sluice::test
