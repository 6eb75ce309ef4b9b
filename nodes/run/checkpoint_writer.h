// Writes checkpoints in a thread of its own, one at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "io/checkpoint.h"
#include "io/run_folder.h"
#include "runtime/net/net.h"
#include "runtime/net/net_copy.h"

namespace sluice::nodes {

// A disk that is slow costs training nothing: who asks `free` and hears no comes again later. A
// disk that fails is told to the next who asks (Error{run} of the first failure, once).
class CheckpointWriter {
 public:
  // `folder` and `net` must outlive it. Makes RUN/checkpoints; keeps the newest `keep`.
  CheckpointWriter(io::RunFolder& folder, const Net& net, std::size_t keep);
  // Waits for what is being written.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // --- One thread at a time.
  bool free();
  // Only while free. `copy` must stay as it is until it is free again.
  void write(const NetCopy& copy, io::Checkpoint checkpoint);
  void wait();

  // --- Any thread.
  double cpu_seconds() const { return static_cast<double>(cpu_ns_.load()) * 1e-9; }

 private:
  struct Job {
    const NetCopy* copy = nullptr;
    io::Checkpoint checkpoint;
  };
  void work(const std::stop_token& end);
  void write_file(const Job& job);
  void rethrow();

  io::RunFolder& folder_;
  const Net& net_;
  const std::size_t keep_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Job> job_;  // until it is written
  std::exception_ptr failure_;
  std::atomic<std::int64_t> cpu_ns_ = 0;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace sluice::nodes
