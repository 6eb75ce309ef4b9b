// Private to train(): everything of a run that outlives an epoch.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "graph/pipeline.h"
#include "io/checkpoint.h"
#include "io/dataset.h"
#include "io/recipe.h"
#include "io/report/page.h"
#include "io/run_folder.h"
#include "io/tensorboard.h"
#include "io/training_state.h"
#include "nodes/run/account_watch.h"
#include "nodes/run/accuracy.h"
#include "nodes/run/bad_files.h"
#include "nodes/run/checkpoints.h"
#include "nodes/run/dump.h"
#include "nodes/run/machine.h"
#include "nodes/run/made_folder.h"
#include "nodes/run/run_trace.h"
#include "nodes/run/statistics.h"
#include "nodes/run/train.h"
#include "nodes/run/training_report.h"
#include "nodes/train_step.h"
#include "runtime/backend/replicas.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// Built in the order of its members by the main thread. Until the folder is opened nothing on disk
// has changed.
class Training {
 public:
  Training(const io::Recipe& recipe, RunStart start, const Listener& listener,
           const std::stop_token& stop);
  TrainResult run();

 private:
  using Clock = std::chrono::steady_clock;

  // training_build.cpp
  void start_state(const std::optional<ResumePoint>& from);
  void check_start_of_run(const RunStart& start) const;
  void check_slots() const;
  void check_data(const ResumePoint& from) const;
  void take_starting_weights();
  void build_curvature_program(ProgramOptions options);
  void build_programs(const std::optional<ResumePoint>& from);
  // training_memory.cpp
  ProgramOptions program_options(Purpose purpose) const;
  std::size_t program_bytes(StepDivision division);
  NetMemory net_memory();
  MemoryPart curvature_part(std::size_t bytes);
  // training_build.cpp
  void open_folder(RunStart& start);
  void build_statistics(const RunStart& start);
  void build_dump();
  void build_pipelines();
  void build_curvature(const MemoryShares& shares);
  void build_validation(const MemoryShares& shares);
  graph::BatchStream all_of_step(graph::BatchStream stream, const StepContext& step);
  void build_checkpoints();
  void announce() const;
  void announce_resumed(const ResumePoint& from) const;

  // train.cpp
  bool over() const;
  std::string why_over() const;
  void revive_schedule();
  void watch();
  graph::RunEnd run_epoch();
  std::int64_t first_step_of_epoch() const;
  graph::RunEnd train_epoch();
  graph::RunEnd measure_curvature();
  graph::RunEnd validate(io::EpochRow& row);
  void finish_epoch(io::EpochRow row);
  double epoch_seconds() const;
  io::WeightsInfo weights_info() const;
  io::Checkpoint checkpoint_now() const;
  std::filesystem::path save(const std::string& name) const;
  void finish(graph::RunEnd end);
  void close(graph::RunEnd end);
  void write_account() const;
  // training_page.cpp
  void show_samples();
  bool has_page() const;
  void write_page() const;

  io::Recipe recipe_;
  const Listener& listener_;
  std::stop_token stop_;
  LayerTimes layer_times_;  // of the training program
  io::Split data_;
  io::DataIdentity identity_;
  Net net_;
  Machine machine_;
  CheckpointRhythm rhythm_;
  io::TrainingState now_;  // after the newest batch that was reported
  std::optional<NetState> state_;
  UpdateRule rule_;
  std::unique_ptr<Program> trainer_;
  std::unique_ptr<Program> tester_;
  std::unique_ptr<Program> curvature_program_;  // none: the rule needs no second derivatives
  TrainingClock clock_;
  std::optional<MadeFolder> made_run_;  // gone from, after what lies in it: before it
  std::optional<MadeFolder> made_dump_;
  std::optional<io::RunFolder> folder_;
  std::optional<io::TensorboardLog> tensorboard_;
  MeasuredStatistics statistics_;
  std::optional<BadFiles> bad_;
  std::optional<TrainingReport> report_;
  std::optional<Accuracy> accuracy_;
  Progress validation_progress_;
  std::optional<StepDump> dump_;            // none: --dump is empty
  std::optional<Checkpoints> checkpoints_;  // none: --checkpoint-every 0
  std::optional<RunTrace> trace_;
  std::unique_ptr<graph::Pipeline> training_;
  std::unique_ptr<graph::Pipeline> validation_;
  std::unique_ptr<graph::Pipeline> curvature_;
  Clock::time_point epoch_begun_;
  // Of an epoch that --steps has cut, before its end was written down: more steps go on from here.
  std::optional<io::Checkpoint> before_cut_;
  bool closed_ = false;
  std::vector<io::Sample> samples_;  // for people
  io::Confusion confusion_;          // of the newest whole validation
  std::int64_t confusion_epoch_ = 0;
  std::string failure_;  // why the run ended, where it failed
  bool idle_ = false;    // nothing was left to do from the beginning
  TrainResult result_;
  std::optional<AccountWatch> watch_;  // last: it looks at the pipelines
};

}  // namespace sluice::nodes
