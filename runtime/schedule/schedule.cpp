#include "runtime/schedule/schedule.h"

#include <algorithm>

#include "runtime/error.h"

namespace sluice {
namespace {

void check(const ConstantRate&) {}

void check(const StepRate& spec) {
  for (std::size_t i = 0; i < spec.epochs.size(); ++i) {
    require(spec.epochs[i] >= (i == 0 ? 0 : spec.epochs[i - 1] + 1),
            "step rate: epoch {} is out of order, epochs must be 0 or more and ascending",
            spec.epochs[i]);
  }
  require(spec.factor > 0.0, "step rate: factor {} must be positive", spec.factor);
}

void check(const PlateauRate& spec) {
  require(spec.patience > 0, "plateau rate: patience of {} epochs must be at least 1",
          spec.patience);
  require(spec.improvement >= 0.0, "plateau rate: improvement {} must not be negative",
          spec.improvement);
  require(spec.factor > 0.0, "plateau rate: factor {} must be positive", spec.factor);
  require(spec.divisions >= 0, "plateau rate: {} divisions, valid is 0 or more", spec.divisions);
}

ScheduleState enter_epoch(const ConstantRate&, ScheduleState state, int) { return state; }
ScheduleState enter_epoch(const PlateauRate&, ScheduleState state, int) { return state; }
ScheduleState enter_epoch(const StepRate& spec, ScheduleState state, int epoch) {
  if (std::ranges::binary_search(spec.epochs, epoch)) state.rate *= spec.factor;
  return state;
}

ScheduleState judge(const ConstantRate&, ScheduleState state, double) { return state; }
ScheduleState judge(const StepRate&, ScheduleState state, double) { return state; }
ScheduleState judge(const PlateauRate& spec, ScheduleState state, double val_top1) {
  if (val_top1 > state.best_top1 && val_top1 >= state.best_top1 + spec.improvement) {
    state.best_top1 = val_top1;
    state.epochs_since_best = 0;
    return state;
  }
  if (++state.epochs_since_best < spec.patience) return state;
  if (state.divisions_done == spec.divisions) {
    state.finished = true;
    return state;
  }
  state.rate *= spec.factor;
  state.divisions_done += 1;
  state.epochs_since_best = 0;
  return state;
}

}  // namespace

ScheduleState start_schedule(const RateSpec& spec, double rate) {
  require(rate >= 0.0, "learning rate {} must not be negative", rate);
  std::visit([](const auto& s) { check(s); }, spec);
  const ScheduleState start{.rate = rate};
  return std::visit([&](const auto& s) { return enter_epoch(s, start, 0); }, spec);
}

ScheduleState next_epoch(const RateSpec& spec, ScheduleState state, int epoch, double val_top1) {
  return std::visit(
      [&](const auto& s) { return enter_epoch(s, judge(s, state, val_top1), epoch + 1); }, spec);
}

}  // namespace sluice
