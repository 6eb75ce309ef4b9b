// Forward for evaluation, of images that are shown to a net in several views.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/node.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

// How often a batch is run, and what its dropout masks are keyed by, where they are drawn:
// Philox(seed; step, row, layer, unit) with step = the pass and row = that of the whole evaluation,
// position of the sample x views + view.
struct Passes {
  int count = 1;
  std::uint64_t seed = 0;
};

// Runs a program of batch x views rows and takes the mean of each sample's probabilities over
// passes and views.
struct EvaluateViews {
  static constexpr graph::NodeInfo info{.name = "evaluate",
                                        .kind = graph::NodeKind::batch,
                                        .cost = graph::CostClass::batches,
                                        .help = "runs the net forward on views of images"};
  static constexpr auto token = graph::StepToken::takes_and_gives;

  // `probabilities`: (samples, classes), of images that failed of no meaning. Called once a batch,
  // before its `done`.
  using Take =
      std::function<void(const graph::Batch& batch, std::span<const double> probabilities)>;

  Program* program = nullptr;
  const void* state = nullptr;  // of the net: nodes of one share its step token
  Passes passes{};
  Take take;
  std::vector<double> sums{};  // of the batch at hand

  std::string place() const { return std::string(program->place()); }
  std::optional<double> device_seconds() const;
  void settle() noexcept { program->settle(); }
  const void* net() const { return state; }
  void run(graph::Batch& batch, Completion done);

 private:
  void pass(graph::Batch& batch, int number, Completion done);
};
static_assert(graph::BatchNode<EvaluateViews>);

}  // namespace sluice::nodes
