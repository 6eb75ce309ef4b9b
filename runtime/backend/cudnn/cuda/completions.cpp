#include "runtime/backend/cudnn/cuda/completions.h"

#include <utility>

namespace sluice::cudnn::cuda {

Completions::Completions(std::shared_ptr<Health> health)
    : health_(std::move(health)), thread_([this] { work(); }) {}

void Completions::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Completions::add(std::shared_ptr<CudaMark> mark, Completion done) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::move(mark), std::move(done)});
  }
  changed_.notify_one();
}

void Completions::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !entries_.empty(); });
    if (entries_.empty()) return;
    const Entry entry = std::move(entries_.front());
    entries_.pop_front();
    lock.unlock();
    call(entry);
    lock.lock();
  }
}

void Completions::call(const Entry& entry) {
  try {
    health_->guard([&] {
      if (entry.mark != nullptr) {
        check(cudaEventSynchronize(entry.mark->event()), "waiting for a queue's work");
      }
    });
  } catch (const Error&) {
    // `health_` knows.
  }
  entry.done(health_->cause());
}

}  // namespace sluice::cudnn::cuda
