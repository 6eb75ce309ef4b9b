// How fast each node is: the whole chain over any folder of images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "io/recipe.h"
#include "nodes/run/listener.h"
#include "runtime/account.h"
#include "runtime/backend/backend.h"
#include "runtime/timeline.h"

namespace sluice::graph {
struct BatchStream;
}

namespace sluice::nodes {

struct ProfileRequest {
  std::string until;              // name of the last node to run; empty: the whole training step
  std::optional<double> seconds;  // stop after the epoch's images or this time
  std::optional<double> assume_step_ms;  // train on a stand-in that only waits this long a step
  std::filesystem::path out;             // run folder; empty: none
  std::optional<std::size_t> trace{};    // spans that trace.json keeps; none: there is none
  std::vector<int> predict_threads{};    // numbers of threads to predict the rate for
  LayerTimes layer_times = LayerTimes::off;
  // Is shown what is wired before it becomes a pipeline, and may put nodes of its own around others
  // (tests/bench/planted); empty: none.
  std::function<void(graph::BatchStream&)> around{};
};

struct ProfileResult {
  std::int64_t files = 0;  // records that came out at the end, bad ones included
  std::int64_t bad_files = 0;
  double seconds = 0.0;
  std::size_t announced_bytes = 0;  // memory said at start
  AccountRecord account;
  Timeline timeline;  // of the training pipeline, then of the one for second derivatives
  bool interrupted = false;
};

// Runs the recipe's chain (train.epochs passes) over the files of data.path with labels 0 and
// statistics that cost as much as measured ones, from the weights that train.from names, second
// derivatives before each pass where the rule needs them. A bad file never ends it. A stop request
// ends it in order. Throws Error{usage} for what train refuses of the recipe, and for a run.dump:
// labels and statistics are not the data's.
ProfileResult profile(const io::Recipe& recipe, const ProfileRequest& request,
                      const Listener& listener, std::stop_token stop);

}  // namespace sluice::nodes
