// Whether a device still works. What fails first ends it: CUDA reports later calls as failed, or
// not, and what they say is not the cause.
#pragma once

#include <exception>
#include <mutex>
#include <utility>

#include "runtime/error.h"

namespace sluice::cudnn::cuda {

// Shared by all that use one device. Any thread may call.
class Health {
 public:
  // The first failure, null while there is none.
  std::exception_ptr cause() const {
    const std::lock_guard lock(mutex_);
    return cause_;
  }

  void lose(std::exception_ptr cause) {
    const std::lock_guard lock(mutex_);
    if (cause_ == nullptr) cause_ = std::move(cause);
  }

  // Does `work` unless the device is lost. An Error{run} out of it loses the device. Throws the
  // first cause.
  template <class Work>
  auto guard(const Work& work) {
    if (const std::exception_ptr lost = cause()) std::rethrow_exception(lost);
    try {
      return work();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::run) throw;
      lose(std::current_exception());
      std::rethrow_exception(cause());
    }
  }

 private:
  mutable std::mutex mutex_;
  std::exception_ptr cause_;
};

}  // namespace sluice::cudnn::cuda
