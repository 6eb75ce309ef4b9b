// Statistics of the training images: measured once by a pipeline, kept in a cache file.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include "io/dataset.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"
#include "nodes/run/machine.h"
#include "runtime/account.h"
#include "runtime/statistics.h"

namespace sluice::nodes {

struct MeasuredStatistics {
  Statistics values;
  std::filesystem::path file;  // the cache's; empty when nothing was needed
  bool from_cache = false;
  std::optional<AccountRecord> account;  // of the measuring pipeline, when it ran
};

// What the recipe's chain needs, over all readable images of `data`, each once. `cache` is the
// folder of cached results, keyed by the data set's hash, the nodes before the mean and the
// orientation; made if missing. Throws Error{interrupted} when stopped.
MeasuredStatistics training_statistics(const io::Recipe& recipe, const io::Dataset& data,
                                       const std::filesystem::path& cache, const Machine& machine,
                                       const Listener& listener, std::stop_token stop);

// The same without a cache, whatever the chain needs.
MeasuredStatistics measure_statistics(const io::Recipe& recipe, const io::Dataset& data,
                                      const Machine& machine, const Listener& listener,
                                      std::stop_token stop);

// Throws Error{usage} for a mistake in the recipe's chain, in training or in testing, before
// anything is measured.
void check_chain(const io::Recipe& recipe);

// Values that cost as much to apply as measured ones: for runs where only speed counts.
Statistics neutral_statistics(const io::Recipe& recipe);

}  // namespace sluice::nodes
