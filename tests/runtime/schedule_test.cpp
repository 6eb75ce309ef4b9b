#include "runtime/schedule/schedule.h"

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// The states of the epochs that follow each top-1.
std::vector<ScheduleState> follow(const RateSpec& spec, const std::vector<double>& top1) {
  std::vector<ScheduleState> states{start_schedule(spec, 1.0)};
  for (std::size_t epoch = 0; epoch < top1.size(); ++epoch) {
    states.push_back(next_epoch(spec, states.back(), static_cast<int>(epoch), top1[epoch]));
  }
  return states;
}

std::vector<double> rates(const std::vector<ScheduleState>& states) {
  std::vector<double> all;
  for (const ScheduleState& state : states) all.push_back(state.rate);
  return all;
}

}  // namespace

TEST_CASE("a constant rate stays", "[runtime][schedule]") {
  CHECK(rates(follow(ConstantRate{}, {0.1, 0.1, 0.0})) == std::vector<double>{1, 1, 1, 1});
}

TEST_CASE("a step rate falls at the start of each listed epoch", "[runtime][schedule]") {
  const StepRate spec{.epochs = {1, 3}, .factor = 0.5};
  CHECK(rates(follow(spec, {0, 0, 0, 0})) == std::vector<double>{1, 0.5, 0.5, 0.25, 0.25});
  CHECK(start_schedule(StepRate{.epochs = {0}, .factor = 0.5}, 1.0).rate == 0.5);
}

TEST_CASE("a plateau divides the rate, and the one after the last division ends the run",
          "[runtime][schedule]") {
  const PlateauRate spec{.improvement = 0.01, .patience = 2, .factor = 0.5, .divisions = 1};
  const std::vector<ScheduleState> states = follow(spec, {0.30, 0.305, 0.30, 0.30, 0.30});
  CHECK(rates(states) == std::vector<double>{1, 1, 1, 0.5, 0.5, 0.5});
  CHECK(states[3].divisions_done == 1);
  CHECK(states[3].epochs_since_best == 0);
  CHECK_FALSE(states[4].finished);
  CHECK(states[5].finished);
}

TEST_CASE("an improvement starts the patience anew", "[runtime][schedule]") {
  const PlateauRate spec{.improvement = 0.01, .patience = 2, .factor = 0.5, .divisions = 3};
  const std::vector<ScheduleState> states = follow(spec, {0.3, 0.3, 0.32, 0.32, 0.34});
  CHECK(rates(states) == std::vector<double>{1, 1, 1, 1, 1, 1});
  CHECK(states.back().best_top1 == 0.34);
}

TEST_CASE("small steps that add up to an improvement count once they do", "[runtime][schedule]") {
  const PlateauRate spec{.improvement = 0.01, .patience = 3, .factor = 0.5, .divisions = 1};
  const std::vector<ScheduleState> states = follow(spec, {0.3, 0.306, 0.312});
  CHECK(states[2].best_top1 == 0.3);
  CHECK(states[3].best_top1 == 0.312);
  CHECK(states[3].epochs_since_best == 0);
}

TEST_CASE("without a least improvement, standing still is none", "[runtime][schedule]") {
  const PlateauRate spec{.improvement = 0.0, .patience = 1, .factor = 0.5, .divisions = 1};
  CHECK(rates(follow(spec, {0.3, 0.3})) == std::vector<double>{1, 1, 0.5});
}

TEST_CASE("a schedule that makes no sense is refused", "[runtime][schedule]") {
  CHECK_THROWS_AS(start_schedule(ConstantRate{}, -1.0), Error);
  CHECK_THROWS_AS(start_schedule(StepRate{.epochs = {3, 3}}, 1.0), Error);
  CHECK_THROWS_AS(start_schedule(StepRate{.epochs = {-1}}, 1.0), Error);
  CHECK_THROWS_AS(start_schedule(StepRate{.epochs = {1}, .factor = 0.0}, 1.0), Error);
  CHECK_THROWS_AS(start_schedule(PlateauRate{.patience = 0}, 1.0), Error);
  CHECK_THROWS_AS(start_schedule(PlateauRate{.improvement = -0.1}, 1.0), Error);
  CHECK_THROWS_AS(start_schedule(PlateauRate{.divisions = -1}, 1.0), Error);
}

}  // namespace sluice
