// What the rounds of bench_step come to, as text.
#pragma once

#include <string>
#include <vector>

#include "runtime/backend/onednn/onednn.h"

namespace sluice::bench {

// Several rounds of a step, or of its bare primitives.
struct StepRounds {
  std::vector<double> seconds;      // by the clock
  std::vector<double> cpu_seconds;  // of the process
  std::vector<std::vector<onednn::LayerSeconds>> layers;
};

// "NAME  MEDIAN ms (MIN..MAX), CPU ...".
std::string rounds_line(const std::string& name, const StepRounds& rounds);
// The ratio of the medians, the median of the rounds' own ratios with their spread, and the latter
// by CPU time, which other work on the machine disturbs less.
std::string ratio_lines(const StepRounds& step, const StepRounds& bare);
// A line a layer: medians of forward, backward and update in ms, the layer's percent of the step,
// and its bare primitives.
std::string layer_table(const StepRounds& step, const StepRounds& bare);

}  // namespace sluice::bench
