// For completions: several that are told one by one as one that is told once, and what is thrown as
// what is told.
#pragma once

#include <exception>
#include <mutex>
#include <utility>

#include "runtime/backend/backend.h"

namespace sluice {

// What `work` throws, or null: nothing may be thrown into a thread of a device's.
template <class Work>
std::exception_ptr failure_of(const Work& work) {
  try {
    work();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

// Tells `done` when as many as were expected have told: null, or the first failure. Any thread.
class Gathered {
 public:
  Gathered(int expected, Completion done) : left_(expected), done_(std::move(done)) {}

  void tell(std::exception_ptr failure) {
    std::exception_ptr first;
    {
      const std::lock_guard lock(mutex_);
      if (failure && !failure_) failure_ = failure;
      if (--left_ > 0) return;
      first = failure_;
    }
    done_(first);
  }

 private:
  std::mutex mutex_;
  int left_;
  std::exception_ptr failure_;
  Completion done_;
};

}  // namespace sluice
