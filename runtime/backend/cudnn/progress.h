// What a program's thread and the device's threads tell each other.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>

namespace sluice::cudnn {

// Any thread.
class Progress {
 public:
  // The first failure of all, or null.
  std::exception_ptr failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
  }
  void fail(const std::exception_ptr& cause) {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = cause;
  }

  // Of a step's last phase, which the device will answer.
  void expect_answer() {
    const std::scoped_lock lock(mutex_);
    ++expected_;
  }
  // The answering thread touches nothing of the program's behind this.
  void answered() {
    const std::scoped_lock lock(mutex_);
    --expected_;
    changed_.notify_all();
  }
  void wait_for_answers() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return expected_ == 0; });
  }

  // Whether a step has been begun and not ended.
  bool under_way() const {
    const std::scoped_lock lock(mutex_);
    return under_way_;
  }
  void set_under_way(bool under_way) {
    const std::scoped_lock lock(mutex_);
    under_way_ = under_way;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr failure_;
  int expected_ = 0;
  bool under_way_ = false;
};

}  // namespace sluice::cudnn
