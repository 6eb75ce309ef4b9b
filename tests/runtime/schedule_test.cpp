#include "runtime/schedule/schedule.h"

#include <cmath>

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// The states of the epochs that follow each top-1.
std::vector<ScheduleState> follow(const RateSpec& spec, const std::vector<double>& top1) {
  std::vector<ScheduleState> states{start_schedule(spec, 1.0)};
  for (std::size_t epoch = 0; epoch < top1.size(); ++epoch) {
    states.push_back(next_epoch(spec, states.back(),
                                {.epoch = static_cast<int>(epoch), .val_top1 = top1[epoch]}));
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

TEST_CASE("an inverse rate falls as Caffe's formula says", "[runtime][schedule]") {
  const RateSpec spec = InverseRate{.gamma = 1e-4, .power = 0.75};
  CHECK(*step_rate(spec, {.step = 0, .start_rate = 0.01}) == 0.01);
  CHECK(*step_rate(spec, {.step = 10'000, .start_rate = 0.01}) ==
        Approx(0.01 * std::pow(2.0, -0.75)).epsilon(1e-12));
  CHECK(rates(follow(spec, {0.5, 0.1})) == std::vector<double>{1, 1, 1});
}

TEST_CASE("a rate that falls every so many steps falls at the step itself", "[runtime][schedule]") {
  const RateSpec spec = EverySteps{.steps = 100, .factor = 0.1};
  CHECK(*step_rate(spec, {.step = 99, .start_rate = 1.0}) == 1.0);
  CHECK(*step_rate(spec, {.step = 100, .start_rate = 1.0}) == Approx(0.1));
  CHECK(*step_rate(spec, {.step = 250, .start_rate = 1.0}) == Approx(0.01));
}

TEST_CASE("rates of epochs have none of their own for a step", "[runtime][schedule]") {
  CHECK_FALSE(step_rate(ConstantRate{}, {.step = 5, .start_rate = 1.0}));
  CHECK_FALSE(step_rate(StepRate{.epochs = {1}}, {.step = 5, .start_rate = 1.0}));
  CHECK_FALSE(step_rate(PlateauRate{}, {.step = 5, .start_rate = 1.0}));
}

TEST_CASE("a logged rate is what was written down, for all layers or one", "[runtime][schedule]") {
  const RateSpec spec = parse_logged_rate("0:0.5, 2:0.05, 3:conv1=0.001,4:conv1=0, 5:0.005");
  CHECK(rates(follow(spec, {0, 0, 0, 0, 0})) ==
        std::vector<double>{0.5, 0.5, 0.05, 0.05, 0.05, 0.005});
  const std::vector<std::string> layers = {"conv1", "fc1"};
  CHECK(own_rates(spec, 2, layers) == std::vector<double>{-1, -1});
  CHECK(own_rates(spec, 3, layers) == std::vector<double>{0.001, -1});
  CHECK(own_rates(spec, 5, layers) == std::vector<double>{0, -1});
  CHECK(own_rates(ConstantRate{}, 5, layers).empty());
  const std::vector<double> own = {0.001, -1, 0};
  CHECK(rate_factors(own, 0.05) == std::vector<double>{0.001 / 0.05, 1, 0});
  CHECK(rate_factors(own, 0.0) == std::vector<double>{0, 1, 0});
}

TEST_CASE("a log that makes no sense is refused in the words of the log", "[runtime][schedule]") {
  for (const char* wrong : {"x", "0", "0:", ":1", "0:fast", "-1:0.1", "0:conv1=", "1=0:2"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_logged_rate(wrong), Catch::Contains("is not EPOCH:RATE"));
  }
  CHECK_THROWS_WITH(parse_logged_rate("  "), Catch::Contains("no change is given"));
  CHECK_THROWS_WITH(start_schedule(parse_logged_rate("5:1, 2:1"), 1.0),
                    Catch::Contains("epoch 2 stands behind epoch 5"));
  for (const char* wrong : {"5:0", "5:inf", "5:nan", "5:101", "5:fc1=inf"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(start_schedule(parse_logged_rate(wrong), 1.0), Catch::Contains("above 0"));
  }
  const std::vector<std::string> layers = {"conv1", "fc1"};
  CHECK_THROWS_WITH(own_rates(parse_logged_rate("9:fc2=1"), 0, layers),
                    Catch::Contains("no layer 'fc2' that learns; valid: conv1, fc1"));
}

}  // namespace sluice
