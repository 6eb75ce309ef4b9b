// Learning rates as pure functions and small values; no clocks, no files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

// rate at step t (from 0) = start x (1 + gamma t)^-power (Caffe's "inv").
struct InverseRate {
  double gamma = 1e-4;
  double power = 0.75;
};

// rate at step t (from 0) = start x factor^(t / steps), rounded down (Caffe's "step").
struct EverySteps {
  std::int64_t steps = 100'000;
  double factor = 0.1;
};

// The rates that somebody wrote down: from the start of `epoch` (0-based) on, of one layer or,
// where `layer` is empty, of all layers that have no entry of their own (AlexNet's run 145,
// `FACTS` 1.2).
struct LoggedChange {
  int epoch = 0;
  std::string layer{};
  double rate = 0.0;  // 0: the layer stays as it is; of all layers: above 0
  friend bool operator==(const LoggedChange&, const LoggedChange&) = default;
};
struct LoggedRate {
  std::vector<LoggedChange> changes;  // by epoch
};

using RateSpec =
    std::variant<ConstantRate, StepRate, PlateauRate, InverseRate, EverySteps, LoggedRate>;

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

struct FinishedEpoch {
  int epoch = 0;          // 0-based
  double val_top1 = 0.0;  // 0 to 1
};

// The state for the epoch after the one that has just finished.
ScheduleState next_epoch(const RateSpec& spec, ScheduleState state, const FinishedEpoch& finished);

struct StepAndStart {
  std::int64_t step = 0;
  double start_rate = 0.0;  // at the run's start
};

// The rate of a step for those that fall by steps; none: the epoch's (`ScheduleState::rate`) holds.
std::optional<double> step_rate(const RateSpec& spec, const StepAndStart& at);

// The rates that layers have of their own in `epoch`, one for each of `layers`, whatever the rate
// of the others; negative: none. Empty: no layer has one. Throws Error{usage} for a layer that is
// not among them.
std::vector<double> own_rates(const RateSpec& spec, int epoch, std::span<const std::string> layers);

// The same as factors of `rate`; where that is 0, no layer moves.
std::vector<double> rate_factors(std::span<const double> own, double rate);

// "0:0.01, 25:0.001, 67:conv1=0.00001": from an epoch's start on, of all layers or of one. Throws
// Error{usage} that quotes what is wrong.
LoggedRate parse_logged_rate(std::string_view text);

}  // namespace sluice
