// Private to TrainingGroup: one net's run, everything of it that outlives an epoch.
//
// The group has the pipeline of the training images, and drives: `begin`, epoch by epoch
// `begin_part`, its pipeline, `end_epoch`; then `finish` and `close`.
#pragma once

#include <chrono>
#include <cstdint>
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
#include "nodes/run/epoch_plan.h"
#include "nodes/run/full_training.h"
#include "nodes/run/machine.h"
#include "nodes/run/made_folder.h"
#include "nodes/run/run_trace.h"
#include "nodes/run/statistics.h"
#include "nodes/run/train.h"
#include "nodes/run/training_report.h"
#include "nodes/shared_chain.h"
#include "nodes/train_step.h"
#include "runtime/backend/replicas.h"
#include "runtime/net/net_state.h"

namespace sluice::nodes {

// Where a training runs: alone, or beside others.
struct TrainingPlace {
  std::optional<Machine>& machine;  // opened by the first training; outlives them all
  RunTrace* trace = nullptr;
  int trainings = 1;   // that share preparation's memory
  std::string name{};  // of its rows in the account; empty: it is the only one
};

// Images of an epoch's order, by their places in it.
struct EpochPart {
  std::uint32_t epoch = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool empty() const { return begin == end; }
  friend bool operator==(const EpochPart&, const EpochPart&) = default;
};

// Built in the order of its members by the main thread. Until the folder is opened nothing on disk
// has changed; unless `begin` is called, what was made there goes again.
class Training {
 public:
  Training(const io::Recipe& recipe, RunStart start, const Listener& listener,
           const std::stop_token& stop, const TrainingPlace& place);

  // What the group wires: its images, its chain, what becomes of those behind the chain's begin.
  const io::Recipe& recipe() const { return recipe_; }
  const io::Dataset& images() const { return data_.train; }
  StatedChain stated_chain() const { return {recipe_.augment, statistics_.values}; }
  graph::Chain chain() const;
  graph::BatchStream branch(graph::ImageStream images, graph::Chain chain);
  graph::PipelineOptions options() const;
  bool uploads() const { return trainer_->uploads(); }

  // The pipeline is made: nothing can be wrong with the start any more.
  void begin(const graph::MemoryPlan& memory);

  bool over() const;
  bool idle() const { return idle_; }  // nothing was left to do from the beginning
  EpochPart part() const;
  const EpochPlan& plan() const { return plan_; }  // of the part's epoch
  // Of an epoch, or of what is left of it.
  void begin_epoch() { epoch_begun_ = Clock::now(); }
  graph::RunEnd begin_part(const EpochPart& part);
  graph::RunEnd end_epoch();
  // Any thread.
  void cancel() noexcept;

  // Its pipelines beside the group's; the program that computes in that.
  std::vector<Watched> watched() const;
  const Program& program() const { return *trainer_; }
  void show_samples();
  void finish();
  void note_failure(const std::string& why);
  // Adds what is its own: pipelines beside the group's, its device; later its overheads.
  void add_to(AccountRecord& account) const;
  double checkpoint_seconds() const { return checkpoints_ ? checkpoints_->cpu_seconds() : 0.0; }
  void close(graph::RunEnd end, const AccountRecord& account, const Timeline& timeline);
  const std::filesystem::path& folder() const { return folder_->path(); }
  TrainResult result() { return std::move(result_); }

 private:
  using Clock = std::chrono::steady_clock;

  // training_build.cpp
  void start_state(const std::optional<ResumePoint>& from);
  void check_start_of_run(const RunStart& start) const;
  void check_slots() const;
  void make_plan();
  MemoryShares shares() const;
  std::string prefix() const { return place_.name.empty() ? "" : place_.name + "/"; }
  void check_data(const ResumePoint& from) const;
  void take_starting_weights();
  void build_curvature_program(ProgramOptions options);
  void build_programs(const std::optional<ResumePoint>& from);
  // training_memory.cpp
  ProgramOptions program_options(Purpose purpose) const;
  std::unique_ptr<Program> compile_trainer(const ProgramOptions& options, StepDivision division);
  FullNet full_net();
  std::size_t program_bytes(StepDivision division);
  MemoryPart full_part(std::size_t bytes);
  NetMemory net_memory();
  MemoryPart curvature_part(std::size_t bytes);
  // training_build.cpp
  void open_folder(RunStart& start);
  void build_statistics(const RunStart& start);
  void build_dump();
  void build_reports();
  void build_curvature(const MemoryShares& shares);
  void build_validation(const MemoryShares& shares);
  graph::BatchStream rows(graph::ImageStream images, graph::Chain chain);
  graph::BatchStream all_of_step(graph::BatchStream stream, const StepContext& step);
  void build_checkpoints();
  void announce(const graph::MemoryPlan& memory) const;
  std::vector<std::string> resumed_words(const ResumePoint& from) const;

  // train.cpp
  std::string why_over() const;
  void revive_schedule();
  std::int64_t first_step_of_epoch() const;
  graph::RunEnd measure_curvature();
  graph::RunEnd validate(io::EpochRow& row);
  void finish_epoch(io::EpochRow row);
  double epoch_seconds() const;
  io::WeightsInfo weights_info() const;
  io::Checkpoint checkpoint_now() const;
  std::filesystem::path save(const std::string& name) const;
  // training_page.cpp
  bool has_page() const;
  void write_page() const;

  const TrainingPlace place_;
  io::Recipe recipe_;
  const Listener& listener_;
  std::stop_token stop_;
  LayerTimes layer_times_;  // of the training program
  io::Split data_;
  io::DataIdentity identity_;
  Net net_;
  std::optional<FullView> full_;  // none: crops
  RowSizes row_sizes_;            // of full views, in the epoch
  EpochPlan plan_;                // of the epoch
  Machine& machine_;
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
  std::unique_ptr<graph::Pipeline> validation_;
  std::unique_ptr<graph::Pipeline> curvature_;
  Clock::time_point epoch_begun_;
  // Of an epoch that --steps has cut, before its end was written down: more steps go on from here.
  std::optional<io::Checkpoint> before_cut_;
  std::vector<io::Sample> samples_;  // for people
  io::Confusion confusion_;          // of the newest whole validation
  std::int64_t confusion_epoch_ = 0;
  std::vector<std::string> resumed_;  // what is said of where it goes on
  std::string failure_;               // why the run ended, where it failed
  bool idle_ = false;
  TrainResult result_;
};

}  // namespace sluice::nodes
