#include "runtime/schedule/schedule.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "runtime/error.h"

namespace sluice {
namespace {

constexpr double kLargest = 100.0;  // of a rate

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

void check(const InverseRate& spec) {
  require(spec.gamma >= 0.0 && spec.power >= 0.0,
          "inverse rate: gamma {} and power {} must not be negative", spec.gamma, spec.power);
}

void check(const EverySteps& spec) {
  require(spec.steps > 0, "rate by steps: every {} steps, valid is 1 or more", spec.steps);
  require(spec.factor > 0.0, "rate by steps: factor {} must be positive", spec.factor);
}

void check(const LoggedRate& spec) {
  int epoch = 0;
  for (const LoggedChange& change : spec.changes) {
    require(change.epoch >= epoch, "logged rate: epoch {} stands behind epoch {}, they must rise",
            change.epoch, epoch);
    require(
        change.rate <= kLargest &&
            (change.rate > 0.0 || (change.rate == 0.0 && !change.layer.empty())),
        "logged rate: rate {} from epoch {}, valid is above 0 and at most {}, or 0 for one layer",
        change.rate, change.epoch, kLargest);
    epoch = change.epoch;
  }
}

ScheduleState enter_epoch(const InverseRate&, ScheduleState state, int) { return state; }
ScheduleState enter_epoch(const EverySteps&, ScheduleState state, int) { return state; }
ScheduleState enter_epoch(const LoggedRate& spec, ScheduleState state, int epoch) {
  for (const LoggedChange& change : spec.changes) {
    if (change.epoch == epoch && change.layer.empty()) state.rate = change.rate;
  }
  return state;
}
ScheduleState enter_epoch(const ConstantRate&, ScheduleState state, int) { return state; }
ScheduleState enter_epoch(const PlateauRate&, ScheduleState state, int) { return state; }
ScheduleState enter_epoch(const StepRate& spec, ScheduleState state, int epoch) {
  if (std::ranges::binary_search(spec.epochs, epoch)) state.rate *= spec.factor;
  return state;
}

ScheduleState judge(const ConstantRate&, ScheduleState state, double) { return state; }
ScheduleState judge(const StepRate&, ScheduleState state, double) { return state; }
ScheduleState judge(const InverseRate&, ScheduleState state, double) { return state; }
ScheduleState judge(const EverySteps&, ScheduleState state, double) { return state; }
ScheduleState judge(const LoggedRate&, ScheduleState state, double) { return state; }
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

ScheduleState next_epoch(const RateSpec& spec, ScheduleState state, const FinishedEpoch& finished) {
  return std::visit(
      [&](const auto& s) {
        return enter_epoch(s, judge(s, state, finished.val_top1), finished.epoch + 1);
      },
      spec);
}

std::optional<double> step_rate(const RateSpec& spec, const StepAndStart& at) {
  if (const auto* inverse = std::get_if<InverseRate>(&spec))
    return at.start_rate *
           std::pow(1.0 + inverse->gamma * static_cast<double>(at.step), -inverse->power);
  if (const auto* every = std::get_if<EverySteps>(&spec))
    return at.start_rate * std::pow(every->factor, static_cast<double>(at.step / every->steps));
  return std::nullopt;
}

namespace {

std::vector<std::string> named(std::span<const std::string> layers) {
  std::vector<std::string> names;
  std::ranges::remove_copy(layers, std::back_inserter(names), std::string{});
  return names;
}

}  // namespace

std::vector<double> own_rates(const RateSpec& spec, int epoch,
                              std::span<const std::string> layers) {
  const auto* logged = std::get_if<LoggedRate>(&spec);
  if (logged == nullptr) return {};
  std::vector<double> own(layers.size(), -1.0);
  for (const LoggedChange& change : logged->changes) {
    if (change.layer.empty()) continue;
    const auto layer = std::ranges::find(layers, change.layer);
    require(layer != layers.end(), "logged rate: there is no layer '{}' that learns; valid: {}",
            change.layer, fmt::join(named(layers), ", "));
    if (change.epoch <= epoch) own[static_cast<std::size_t>(layer - layers.begin())] = change.rate;
  }
  return own;
}

std::vector<double> rate_factors(std::span<const double> own, double rate) {
  std::vector<double> factors;
  for (const double one : own) factors.push_back(one < 0.0 ? 1.0 : rate > 0.0 ? one / rate : 0.0);
  return factors;
}

}  // namespace sluice
