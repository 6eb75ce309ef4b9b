// The training step as three nodes: forward takes the net's one step token, update gives it back.
// All three share one program and one clock, which must outlive the pipeline.
#pragma once

#include <cstdint>
#include <string>

#include "graph/node.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

// Where training stands; written by Forward (steps) and, between runs, by the training loop.
struct TrainingClock {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;  // of the next batch
  double rate = 0.0;
};

struct StepContext {
  Program* program = nullptr;
  TrainingClock* clock = nullptr;
  std::string place = "cpu";
};

// What a program reads of a batch; valid as long as the batch.
StepInput step_input(const graph::Batch& batch, const TrainingClock& clock);

// Numbers the step, runs forward, keeps scores and row losses in the batch.
struct Forward {
  static constexpr graph::NodeInfo info{.name = "forward",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "runs the net forward"};
  static constexpr auto token = graph::StepToken::takes;

  StepContext context;

  std::string place() const { return context.place; }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Forward>);

struct Backward {
  static constexpr graph::NodeInfo info{.name = "backward",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "sums gradients over the rows"};

  StepContext context;

  std::string place() const { return context.place; }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Backward>);

// Backward as the last phase of a step that is only measured: gives the token back.
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

  std::string place() const { return context.place; }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Update>);

// Forward alone, for evaluation.
struct Evaluate {
  static constexpr graph::NodeInfo info{.name = "evaluate",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "runs the net forward for its scores"};
  static constexpr auto token = graph::StepToken::takes_and_gives;

  StepContext context;

  std::string place() const { return context.place; }
  void run(graph::Batch& batch, Completion done);
};
static_assert(graph::BatchNode<Evaluate>);

}  // namespace sluice::nodes
