// Learning rates as pure functions and small values; no clocks, no files.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

struct ConstantRate {};

// Multiplies the rate by `factor` at the start of each listed epoch (0-based).
struct StepRate {
  std::vector<int> epochs;
  double factor = 0.1;
};

// Multiplies the rate by `factor` when validation top-1 has not improved by `improvement`
// (absolute, 0 to 1) for `patience` epochs; after `divisions` of them the next plateau ends the run
// (FACTS 7, point 23: the papers do not define it).
struct PlateauRate {
  double improvement = 0.001;
  int patience = 5;
  double factor = 0.1;
  int divisions = 3;
};

using RateSpec = std::variant<ConstantRate, StepRate, PlateauRate>;

// The state of a schedule between epochs; a value that a checkpoint can hold.
struct ScheduleState {
  double rate = 0.01;
  double best_top1 = -1.0;  // best validation top-1 that counted as an improvement
  int epochs_since_best = 0;
  int divisions_done = 0;
  bool finished = false;  // the plateau after the last division: end the run
  friend bool operator==(const ScheduleState&, const ScheduleState&) = default;
};

ScheduleState start_schedule(const RateSpec& spec, double rate);

// The state for the epoch after `epoch` (0-based, just finished) with its validation top-1 (0 to
// 1).
ScheduleState next_epoch(const RateSpec& spec, ScheduleState state, int epoch, double val_top1);

}  // namespace sluice
