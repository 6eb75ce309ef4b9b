// Training from a recipe: two pipelines over one net, epochs, weights, checkpoints, run folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

#include "graph/pipeline.h"
#include "io/recipe.h"
#include "io/training_state.h"
#include "nodes/run/listener.h"
#include "nodes/run/resume.h"
#include "runtime/account.h"
#include "runtime/backend/backend.h"
#include "runtime/timeline.h"

namespace sluice::nodes {

struct TrainResult {
  std::filesystem::path run;      // the run folder
  std::filesystem::path weights;  // of the last epoch
  std::filesystem::path best;     // of the best epoch; empty without validation
  std::vector<io::EpochRow> epochs;
  std::int64_t bad_files = 0;
  AccountRecord account;  // of this process
  Timeline timeline;      // of its pipelines for training, validation and second derivatives
  graph::RunEnd end = graph::RunEnd::completed;
  bool over = true;  // no: it was stopped, or what was trained beside it has come to its end
};

// Where a run leaves everything, and what is there already.
struct RunStart {
  std::filesystem::path out;
  std::optional<ResumePoint> from;     // none: `out` must not hold a run yet
  std::optional<std::size_t> trace{};  // spans that trace.json keeps; none: there is none
  LayerTimes layer_times = LayerTimes::off;
};

// Trains as the recipe says. A stop request ends it in order, with weights, checkpoint and report
// written; resumed from there, or from any checkpoint, it computes bit for bit what it would have
// computed undisturbed (with as many threads). Throws Error{usage} before the first batch,
// Error{run} with the first cause after it.
TrainResult train(const io::Recipe& recipe, RunStart start, const Listener& listener,
                  std::stop_token stop);

}  // namespace sluice::nodes
