// The training step as three nodes: forward takes the net's one step token, update gives it back.
// All three share one program and one clock, which must outlive the pipeline.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/node.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

// A rate that holds from a step on: before that step (counted from 0) is run.
struct RateChange {
  std::int64_t step = 0;
  double rate = 0.0;
};

// Where training stands; written by Forward (steps, rate) and, between runs, by the training loop.
struct TrainingClock {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;  // of the next batch
  double rate = 0.0;
  std::vector<RateChange> changes{};  // by step; those of steps before `step` are done
  // The rate of a step; negative, or no function: `rate` holds.
  std::function<double(std::int64_t step)> rate_by_step{};
  // Rates that layers have of their own in the epoch (`own_rates`); between runs only.
  std::vector<double> own_rates{};
  std::vector<double> layer_rates{};  // StepInput::layer_rates of the step that holds the token
};

struct StepContext {
  Program* program = nullptr;
  TrainingClock* clock = nullptr;
  // The step's last phase, behind which scores and row losses are kept in the batch: what the
  // pipeline ends with; for a node behind which somebody looks at the net, its own.
  Phase last = Phase::update;

  std::string place() const { return std::string(program->place()); }
  // How long the device has been busy with a phase; none on the CPU.
  std::optional<double> device_seconds(Phase phase) const;
};

// What a program reads of a batch; valid as long as the batch.
StepInput step_input(const graph::Batch& batch, const TrainingClock& clock,
                     Phase last = Phase::update);

// Numbers the step, runs forward.
struct Forward {
  static constexpr graph::NodeInfo info{.name = "forward",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "runs the net forward"};
  static constexpr auto token = graph::StepToken::takes;

  StepContext context;

  std::string place() const { return context.place(); }
  std::optional<double> device_seconds() const { return context.device_seconds(Phase::forward); }
  void settle() noexcept { context.program->settle(); }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Forward>);

struct Backward {
  static constexpr graph::NodeInfo info{.name = "backward",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "sums gradients over the rows"};

  StepContext context;

  std::string place() const { return context.place(); }
  std::optional<double> device_seconds() const { return context.device_seconds(Phase::backward); }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Backward>);

// Backward as the last phase of a step that is only measured (`last` says so to all of its nodes):
// gives the token back.
struct LastBackward : Backward {
  static constexpr auto token = graph::StepToken::gives;
};
static_assert(graph::BatchNode<LastBackward>);

struct Update {
  static constexpr graph::NodeInfo info{.name = "update",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "changes the weights"};
  static constexpr auto token = graph::StepToken::gives;

  StepContext context;

  std::string place() const { return context.place(); }
  std::optional<double> device_seconds() const { return context.device_seconds(Phase::update); }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Update>);

// Update as a phase that is not the last: the token stays with the batch.
struct UpdateWithin : Update {
  static constexpr auto token = graph::StepToken::none;
};
static_assert(graph::BatchNode<UpdateWithin>);

// The last thing of a step: nothing changes the net while `keep` looks at it.
struct Keep {
  static constexpr graph::NodeInfo info{.name = "checkpoint",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "copies the net when a checkpoint is due"};
  static constexpr auto token = graph::StepToken::gives;

  std::function<void(const graph::Batch&)> keep;

  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Keep>);

// Forward alone, for evaluation: it is the last phase, whatever `last` says.
struct Evaluate {
  static constexpr graph::NodeInfo info{.name = "evaluate",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "runs the net forward for its scores"};
  static constexpr auto token = graph::StepToken::takes_and_gives;

  StepContext context;

  std::string place() const { return context.place(); }
  std::optional<double> device_seconds() const { return context.device_seconds(Phase::forward); }
  void settle() noexcept { context.program->settle(); }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Evaluate>);

}  // namespace sluice::nodes
