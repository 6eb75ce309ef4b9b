// When the state of a run is kept, and what of it the training path pays: one copy in memory.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "io/checkpoint.h"
#include "io/run_folder.h"
#include "nodes/run/checkpoint_writer.h"
#include "runtime/arena.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// Neither: never.
struct CheckpointRhythm {
  std::int64_t steps = 0;
  double seconds = 0.0;
  bool never() const { return steps == 0 && seconds == 0.0; }
};

// "50", "30s", "10m", "2h", "0". Throws Error{usage} naming the key and what is valid.
CheckpointRhythm checkpoint_rhythm(const std::string& text);

// The checkpoints of one run. Of the pipeline's nodes the step's last one calls `after_update`, the
// report `after_report` (which may still be at an earlier step); the training loop calls the rest,
// between runs. Failures of the disk are Error{run}, told at the next call.
class Checkpoints {
 public:
  // How the run stands after the newest batch that was reported.
  using Describe = std::function<io::Checkpoint()>;

  Checkpoints(CheckpointRhythm rhythm, std::unique_ptr<CheckpointWriter> writer,
              const NetState& state, std::int64_t steps_done, Describe describe);

  // After `steps` steps, before the next: copies the net if a checkpoint is due and the last one is
  // written; else it comes at the next step that can. Inside the arena.
  void after_update(std::int64_t steps);
  // After the report of that step: the copy and its description go to the writer.
  void after_report(std::int64_t steps);

  // Writes how things stand now, or as `checkpoint` says, and waits for it. Between runs.
  void write_now(Arena& arena, io::Checkpoint checkpoint);
  // Waits for what is being written.
  void wait() { writer_->wait(); }
  // The same for a run that has failed already: nothing more is told.
  void settle() noexcept;

  double cpu_seconds() const { return writer_->cpu_seconds(); }

 private:
  using Clock = std::chrono::steady_clock;
  bool due(std::int64_t steps) const;
  void plan_next(std::int64_t steps);

  CheckpointRhythm rhythm_;
  const NetState& state_;
  NetCopy copy_;
  std::unique_ptr<CheckpointWriter> writer_;  // behind the copy: its end waits for what reads it
  Describe describe_;
  std::atomic<std::int64_t> taken_ = 0;  // the step that `copy_` waits for its report; 0: none
  std::int64_t next_step_ = 0;
  Clock::time_point next_time_;
};

}  // namespace sluice::nodes
