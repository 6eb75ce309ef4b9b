// What one training epoch gave, batch by batch: steps.csv, progress, the epoch's loss.
#pragma once

#include <chrono>
#include <cstdint>

#include "graph/batch.h"
#include "io/run_folder.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/listener.h"

namespace sluice::nodes {

// One thread at a time.
class TrainingReport {
 public:
  TrainingReport(io::RunFolder& folder, BadFiles& bad, const Listener& listener)
      : folder_(folder), bad_(bad), listener_(listener) {}

  void start_epoch(std::uint32_t epoch, std::int64_t images);
  // Throws Error{run} when the loss is no longer a number, or too many files are bad.
  void add(const graph::Batch& batch);

  // Good images of the epoch so far, and their mean loss (0 without any).
  std::int64_t images() const { return images_; }
  double loss() const { return images_ == 0 ? 0.0 : loss_sum_ / static_cast<double>(images_); }

 private:
  using Clock = std::chrono::steady_clock;

  io::RunFolder& folder_;
  BadFiles& bad_;
  const Listener& listener_;
  Progress progress_;
  std::int64_t images_ = 0;         // good ones of the epoch
  std::int64_t images_of_run_ = 0;  // all
  double loss_sum_ = 0.0;
  Clock::time_point last_;
};

}  // namespace sluice::nodes
