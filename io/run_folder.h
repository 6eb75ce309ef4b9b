// The folder that a run leaves behind: recipe, tables of steps and epochs, bad files, weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/descriptor.h"
#include "io/line_log.h"
#include "io/training_state.h"
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

// Keeps a folder for one run, as long as the descriptor lives; the kernel lets it go however the
// process ends. Error{usage} when another run has it, or there is no such folder.
Descriptor lock_run_folder(const std::filesystem::path& path);

// Any thread. Failures of the disk while running are Error{run} that names the file and the reason.
class RunFolder {
 public:
  // Makes the folder, its parents, and the tables with their header lines. Error{usage} when it
  // holds a run already (a recipe.toml), another run is using it, or it cannot be written.
  explicit RunFolder(const std::filesystem::path& path);
  // Goes on in a folder that the caller has locked: its tables are cut back to `tables` (none: they
  // start anew), what a killed writer left half done goes away. Error{usage} when a table is
  // shorter than that.
  RunFolder(const std::filesystem::path& path, Descriptor lock, std::optional<TableBytes> tables);

  // Names of the tables, which are there from the beginning.
  static std::vector<std::string> tables();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }

  // What an earlier process of the run measured: nodes.json becomes nodes.1.json (2, 3, ...), and
  // so do timeline.json and trace.json.
  void set_older_account_aside();

  // The resolved recipe; from then on the folder holds a run.
  void write_recipe(std::string_view toml);
  void add_step(const StepRow& row) { steps_.add(text_of(row)); }
  void add_epoch(const EpochRow& row) { epochs_.add(text_of(row)); }
  void add_bad_file(std::string_view path, const ItemError& error);

  // What was added so far; `sync_tables` has it on the disk.
  TableBytes table_bytes() const;
  void sync_tables();

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
