// A run for TensorBoard: what steps.csv and epochs.csv hold, the recipe, and pictures, as event
// files in the run folder's `tensorboard/`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "io/event_file.h"
#include "io/report/page.h"
#include "io/run_folder.h"

namespace sluice::io {

// Whether a step's row is written: all of the first 1000, every second up to 2000, every fourth up
// to 4000, and so on, so that a run of any length has a thousand and 500 for each doubling.
bool step_is_written(std::int64_t step);

// Its file is made with the first thing that is written. One thread at a time. Failures as of
// EventFile.
class TensorboardLog {
 public:
  // `done`: steps that a run which goes on has behind it; what older files say of later ones does
  // not count any more.
  TensorboardLog(std::filesystem::path folder, std::int64_t done)
      : folder_(std::move(folder)), done_(done) {}

  // train/loss, train/learning_rate, train/images_per_second.
  void add_step(const StepRow& row);
  // epoch/train_loss and epoch/seconds; validation/top1, top5, per_class in percent. At the last
  // step of the epoch; waits until all is on the disk.
  void add_epoch(const EpochRow& row, std::int64_t step);
  void add_recipe(std::string_view toml);
  // Images of the same name over their stages: "sample 1/2 rescale".
  void add_samples(std::span<const Sample> samples);
  void sync();

 private:
  EventFile& file();

  std::filesystem::path folder_;
  std::int64_t done_;
  std::optional<EventFile> file_;
};

}  // namespace sluice::io
