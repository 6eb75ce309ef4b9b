#include "nodes/run/checkpoint_writer.h"

#include <ctime>
#include <utility>

#include "runtime/arena.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

std::int64_t thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

CheckpointWriter::CheckpointWriter(io::RunFolder& folder, const Net& net, std::size_t keep)
    : folder_(folder), net_(net), keep_(keep) {
  io::make_checkpoint_folder(folder.path());
  thread_ = std::jthread([this](const std::stop_token& end) { work(end); });
}

CheckpointWriter::~CheckpointWriter() = default;  // the thread's stop waits for its job

void CheckpointWriter::rethrow() {
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
}

bool CheckpointWriter::free() {
  const std::lock_guard lock(mutex_);
  rethrow();
  return !job_.has_value();
}

void CheckpointWriter::write(const NetCopy& copy, io::Checkpoint checkpoint) {
  const std::lock_guard lock(mutex_);
  require(!job_.has_value(), "a checkpoint while another one is being written");
  job_ = Job{&copy, std::move(checkpoint)};
  changed_.notify_all();
}

void CheckpointWriter::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !job_.has_value(); });
  rethrow();
}

void CheckpointWriter::work(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  for (;;) {
    // True with a job also when the end was asked for: what was begun is written.
    if (!changed_.wait(lock, end, [this] { return job_.has_value(); })) return;
    lock.unlock();
    std::exception_ptr failure;
    try {
      // The layouts' reorders use oneTBB: no worker of the arena may be drawn into them.
      run_alone([this] { write_file(*job_); });
    } catch (...) {
      failure = std::current_exception();
    }
    cpu_ns_ = thread_cpu_ns();
    lock.lock();
    if (failure != nullptr) failure_ = failure;
    job_.reset();
    changed_.notify_all();
  }
}

// The tables first: a checkpoint never says more than what is on the disk.
void CheckpointWriter::write_file(const Job& job) {
  folder_.sync_tables();
  io::write_checkpoint(io::checkpoint_path(folder_.path(), job.checkpoint.state.step), net_,
                       *job.copy, job.checkpoint);
  io::prune_checkpoints(folder_.path(), job.checkpoint.state.step, keep_);
}

}  // namespace sluice::nodes
