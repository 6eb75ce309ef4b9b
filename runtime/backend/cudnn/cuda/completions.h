// Tells callers that a queue's work is done, from a thread of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "runtime/backend/cudnn/cuda/health.h"
#include "runtime/backend/cudnn/cuda/mark.h"

namespace sluice::cudnn::cuda {

// Calls each function once, in the order they were added, when its mark has been reached or the
// device is lost. One for each queue: a long queue must not hold up the news of a short one.
class Completions {
 public:
  explicit Completions(std::shared_ptr<Health> health);
  ~Completions() { finish(); }
  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  // Returns when all were called, also those that the functions add. Not from one of them.
  void finish();

  // Any thread, the functions themselves too. `mark` is null if it could not be set: the device is
  // lost then.
  void add(std::shared_ptr<CudaMark> mark, Completion done);

 private:
  struct Entry {
    std::shared_ptr<CudaMark> mark;
    Completion done;
  };

  void work();
  void call(const Entry& entry);

  std::shared_ptr<Health> health_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace sluice::cudnn::cuda
