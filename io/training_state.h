// Where a run stands between two steps. With the net's weights and velocities, the recipe and the
// statistics this is all that a run needs to go on as if it had never stopped: the order of images
// and every random draw follow from (seed, epoch, step).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/schedule/schedule.h"

namespace sluice::io {

struct EpochRow {
  std::int64_t epoch = 0;  // from 1
  double train_loss = 0.0;
  // Shares in [0, 1]; none: the run has no validation images.
  std::optional<double> val_top1;
  std::optional<double> val_top5;
  std::optional<double> val_per_class;
  double seconds = 0.0;

  friend bool operator==(const EpochRow&, const EpochRow&) = default;
};

// How long the run folder's tables are.
struct TableBytes {
  std::uint64_t steps = 0;
  std::uint64_t epochs = 0;
  std::uint64_t bad_files = 0;

  friend bool operator==(const TableBytes&, const TableBytes&) = default;
};

struct TrainingState {
  std::int64_t step = 0;    // steps done
  std::uint32_t epoch = 0;  // the one that is being worked on, from 0
  std::int64_t run_images = 0;
  ScheduleState schedule;
  double best_top1 = -1.0;  // of best.safetensors; negative: there is none

  // Of the epoch, so far.
  std::int64_t epoch_images = 0;  // places of its order that are done
  std::int64_t epoch_good = 0;
  std::int64_t epoch_bad = 0;
  double epoch_loss = 0.0;  // sum over the good ones
  double epoch_seconds = 0.0;
  std::string first_bad;  // of the epoch, in words; any bytes

  std::vector<EpochRow> epochs;        // finished ones
  std::vector<std::string> bad_files;  // every bad file met so far; any bytes
  TableBytes tables;

  friend bool operator==(const TrainingState&, const TrainingState&) = default;
};

}  // namespace sluice::io
