// A stand-in for a device's thread: answers what it is handed, soon, in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace sluice::test {

// Any thread may call. The destructor leaves out what is not answered yet.
class LateThread {
 public:
  using Answer = std::function<void(std::exception_ptr)>;

  void call(Answer answer, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(answer), std::move(error)});
    changed_.notify_one();
  }

 private:
  struct Job {
    Answer answer;
    std::exception_ptr error;
  };

  void serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.answer(job.error);
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_;
  std::jthread thread_{[this](const std::stop_token& stop) { serve(stop); }};
};

}  // namespace sluice::test
