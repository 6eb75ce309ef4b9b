// Several recipes trained side by side on the same images (training_group.h), from a new start or
// from where each was stopped.
#pragma once

#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "nodes/run/contact_sheet.h"
#include "nodes/run/listener.h"
#include "nodes/run/train.h"

namespace sluice::nodes {

// What recipes shall share.
enum class Sharing {
  preparation,  // a pipeline that ends in their batches
  training,     // to the update, with one seed
};

// Throws Error{usage} that names the first key by which two of them cannot, both values, and what
// would be valid: a run has one data set, one order, one batch size and one machine.
void check_together(std::span<const SheetChain> recipes, Sharing sharing);

// A run, and where it lies.
struct TogetherRun {
  std::string name;
  io::Recipe recipe;
  std::filesystem::path out;
};

// For a run that goes on with what lies in `out`, or begins there. Throws as find_resume_point and
// check_resumed_recipe do.
RunStart start_or_resume(const io::Recipe& recipe, const std::filesystem::path& out,
                         const Listener& listener);

// Trains them in one pipeline; weights are, bit for bit, those of each run alone. Runs that were
// stopped at different steps go on one after the other; so do those that are not over when the
// first one is (a plateau). Results in the runs' order: fewer after a stop. `listener` is told one
// line at a time, with the run's name in front, and shown the first run's progress.
std::vector<TrainResult> train_together(std::span<const TogetherRun> runs, const Listener& listener,
                                        std::stop_token stop);

}  // namespace sluice::nodes
