// Training: data, statistics, two pipelines over one net, epochs, weights, run folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "graph/pipeline.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"
#include "runtime/account.h"

namespace sluice::nodes {

struct EpochResult {
  std::uint32_t epoch = 0;
  double train_loss = 0.0;
  bool validated = false;
  double top1 = 0.0;  // 0 to 1, of the validation images' centre crops
  double top5 = 0.0;
  double per_class = 0.0;
  double seconds = 0.0;
};

struct TrainResult {
  std::filesystem::path run;      // the run folder
  std::filesystem::path weights;  // of the last epoch
  std::filesystem::path best;     // of the best epoch; empty without validation
  std::vector<EpochResult> epochs;
  std::int64_t bad_files = 0;
  AccountRecord account;
  graph::RunEnd end = graph::RunEnd::completed;
};

// Trains as the recipe says and leaves everything in the folder `out`, which must not hold a run
// yet. A stop request ends it in order, with weights and report written. Throws Error{usage} before
// the first batch, Error{run} with the first cause after it.
TrainResult train(const io::Recipe& recipe, const std::filesystem::path& out,
                  const Listener& listener, std::stop_token stop);

}  // namespace sluice::nodes
