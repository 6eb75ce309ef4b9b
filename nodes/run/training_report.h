// What one training epoch gave, batch by batch: steps.csv, TensorBoard, progress, the epoch's loss.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "graph/batch.h"
#include "io/run_folder.h"
#include "io/tensorboard.h"
#include "io/training_state.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/listener.h"

namespace sluice::nodes {

// One thread at a time.
class TrainingReport {
 public:
  // Adds what each batch gave to `state` (epoch sums, images, steps done, rate). All must outlive
  // it.
  TrainingReport(io::TrainingState& state, io::RunFolder& folder, io::TensorboardLog& tensorboard,
                 BadFiles& bad, const Listener& listener)
      : state_(state), folder_(folder), tensorboard_(tensorboard), bad_(bad), listener_(listener) {}

  // In front of what ends the run, where several are trained: whose it is.
  void set_name(std::string name) { name_ = std::move(name); }

  // Goes on with the epoch that the state says, of `images` images.
  void start_epoch(std::int64_t images);
  // Throws Error{run} when the loss is no longer a number, or too many files are bad.
  void add(const graph::Batch& batch);

  // Mean loss of the epoch's good images so far (0 without any).
  double loss() const;

 private:
  using Clock = std::chrono::steady_clock;

  io::TrainingState& state_;
  io::RunFolder& folder_;
  io::TensorboardLog& tensorboard_;
  BadFiles& bad_;
  const Listener& listener_;
  std::string name_;
  Progress progress_;
  Clock::time_point last_;
};

}  // namespace sluice::nodes
