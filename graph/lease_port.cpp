// The lease port: finished batches for a consumer outside.
#include "graph/engine_parts.h"

namespace sluice::graph {

void Engine::offer(int group) {
  {
    const std::lock_guard lock(port_mutex_);
    if (!stopped()) {
      port_.push(group);
      port_changed_.notify_all();
      return;
    }
  }
  ++cell(*wiring_.branches.front().order_meter).held;
  slot_back(group);
}

std::optional<Lease> Engine::next() {
  const Visit visit(*this);
  std::unique_lock lock(port_mutex_);
  for (;;) {
    if (stopped()) {
      lock.unlock();
      drain_port();
      return std::nullopt;
    }
    if (!port_.empty()) break;
    if (exhausted()) return std::nullopt;
    require(leased_ < memory_.slots, "next() with all {} batches on lease: give one back first",
            memory_.slots);
    port_changed_.wait(lock);
  }
  const int group = port_.pop();
  ++leased_;
  ++cell(*wiring_.branches.front().order_meter).out;
  return Lease(this, &slot(group, 0).batch);
}

// Nothing will come any more: what is not back is on lease. Under the port's lock.
bool Engine::exhausted() const {
  return over_ || (source_ended_ && free_slots() + leased_ == memory_.slots);
}

bool Engine::next_would_wait() const {
  const std::lock_guard lock(port_mutex_);
  return !stopped() && port_.empty() && !exhausted() && leased_ < memory_.slots;
}

// Batches that nobody will take any more.
void Engine::drain_port() {
  for (;;) {
    int group = 0;
    {
      const std::lock_guard lock(port_mutex_);
      if (port_.empty()) return;
      group = port_.pop();
    }
    ++cell(*wiring_.branches.front().order_meter).held;
    slot_back(group);
  }
}

void Engine::abandon() {
  {
    const std::lock_guard lock(port_mutex_);
    if (!exhausted() || !port_.empty()) abandoned_ = true;
  }
  drain_port();
}

void Engine::give_back(Batch* batch) noexcept {
  const Visit visit(*this);
  {
    const std::lock_guard lock(port_mutex_);
    --leased_;
  }
  for (int group = 0; group < memory_.slots; ++group) {
    if (&slot(group, 0).batch == batch) slot_back(group);
  }
}

}  // namespace sluice::graph
