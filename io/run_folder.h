// The folder that a run leaves behind: recipe, tables of steps and epochs, bad files, weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "io/descriptor.h"
#include "io/line_log.h"
#include "runtime/error.h"

namespace sluice::io {

struct StepRow {
  std::int64_t step = 0;       // from 1
  std::int64_t epoch = 0;      // from 1
  std::int64_t images = 0;     // seen since the run began
  std::optional<double> loss;  // mean over the rows that count; none: no row does
  double learning_rate = 0.0;
  double images_per_second = 0.0;
};

struct EpochRow {
  std::int64_t epoch = 0;  // from 1
  double train_loss = 0.0;
  // Shares in [0, 1]; none: the run has no validation images.
  std::optional<double> val_top1;
  std::optional<double> val_top5;
  std::optional<double> val_per_class;
  double seconds = 0.0;
};

// Any thread. Failures of the disk while running are Error{run} that names the file and the reason.
class RunFolder {
 public:
  // Makes the folder, its parents, and the tables with their header lines. Error{usage} when it
  // holds a run already (a recipe.toml), another run is using it, or it cannot be written.
  explicit RunFolder(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }

  // The resolved recipe; from then on the folder holds a run.
  void write_recipe(std::string_view toml);
  void add_step(const StepRow& row) { steps_.add(text_of(row)); }
  void add_epoch(const EpochRow& row) { epochs_.add(text_of(row)); }
  void add_bad_file(std::string_view path, const ItemError& error);

 private:
  static std::string text_of(const StepRow& row);
  static std::string text_of(const EpochRow& row);

  std::filesystem::path path_;
  Descriptor lock_;  // of the folder: one run at a time
  LineLog steps_;
  LineLog epochs_;
  LineLog bad_files_;
};

}  // namespace sluice::io
