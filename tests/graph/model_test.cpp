// What the model says of rates that can be worked out by hand.
#include "graph/account/model.h"

#include "graph/account/costs.h"
#include "graph/account/measured_rate.h"
#include "graph/account/prediction.h"
#include "tests/graph/made_account.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

using graph::thread_rate;
using graph::ThreadWork;
using test::idle_account;
using test::work;

TEST_CASE("threads that only compute share the cores", "[graph][model]") {
  CHECK(thread_rate({.cpu = 0.01, .threads = 1, .cores = 2}) == Approx(100));
  CHECK(thread_rate({.cpu = 0.01, .threads = 2, .cores = 2}) == Approx(200));
  CHECK(thread_rate({.cpu = 0.01, .threads = 8, .cores = 2}) == Approx(200));
}

TEST_CASE("threads that stand still leave the cores to others", "[graph][model]") {
  // Few threads: each image takes a thread for both, nobody waits for a core.
  CHECK(thread_rate({.cpu = 0.01, .waits = 0.03, .threads = 1, .cores = 2}) == Approx(25));
  CHECK(thread_rate({.cpu = 0.01, .waits = 0.03, .threads = 2, .cores = 2}) == Approx(50));
  // Many: the cores are all that counts. Between the two some wait for a core.
  CHECK(thread_rate({.cpu = 0.01, .waits = 0.03, .threads = 64, .cores = 2}) ==
        Approx(200).epsilon(0.01));
  const double between = thread_rate({.cpu = 0.01, .waits = 0.03, .threads = 8, .cores = 2});
  CHECK(between > 150);
  CHECK(between < 195);
  // One core and two threads, by hand: states 0, 1, 2 weigh 1, 2 c/w, 2 (c/w)^2.
  CHECK(thread_rate({.cpu = 1.0, .waits = 1.0, .threads = 2, .cores = 1}) == Approx(4.0 / 5.0));
  CHECK(thread_rate({.cpu = 0.0, .waits = 0.5, .threads = 4, .cores = 1}) == Approx(8));
  CHECK(thread_rate({.cpu = 1e-6, .waits = 1e-9, .threads = 512, .cores = 2}) ==
        Approx(2e6).epsilon(0.01));
}

TEST_CASE("competitors take their fair part, and are found by what they took", "[graph][model]") {
  const ThreadWork beside{.cpu = 0.01, .threads = 2, .cores = 2, .competitors = 1};
  CHECK(thread_rate(beside) == Approx(100 * 4.0 / 3.0));
  CHECK(graph::competitors_behind(2, 4.0 / 3.0, 2) == Approx(1));
  CHECK(graph::competitors_behind(2, 2, 2) == 0.0);
  // One thread on two cores does not feel one competitor.
  CHECK(thread_rate({.cpu = 0.01, .threads = 1, .cores = 2, .competitors = 1}) == Approx(100));
}

TEST_CASE("costs are an image's, and standing is told from wanting a core", "[graph][model]") {
  AccountRecord account = idle_account();
  work(account, "read", {.busy = 4.0, .cpu = 1.0});
  work(account, "decode", {.busy = 12.0, .cpu = 9.0});
  account.process.run_delay_seconds = 3.0;
  const graph::ImageCosts costs = graph::costs_of(account);
  CHECK(costs.images == 1000);
  CHECK(costs.cpu() == Approx(0.010));
  CHECK(costs.node("read")->waits == Approx(0.003 - 0.0003));
  CHECK(costs.node("decode")->waits == Approx(0.003 - 0.0027));
  CHECK(graph::costs_of({}).images == 0);
}

TEST_CASE("the tightest limit comes first", "[graph][model]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 16.0});
  work(account, "backward", {.busy = 9.0, .cpu = 0.0});
  test::put_step_on(account, "waiting");
  graph::Model model{.costs = graph::costs_of(account), .threads = 2, .cores = 2, .lane_fit = 1.0};
  auto limits = graph::limits(model);
  REQUIRE(limits.size() == 2);
  CHECK(limits[0].resource == "step");
  CHECK(limits[0].images_per_second == Approx(1000 / 9.0));
  CHECK(limits[1].resource == "cores");
  CHECK(limits[1].images_per_second == Approx(2000 / 16.0));
  model.threads = 1;
  limits = graph::limits(model);
  CHECK(limits[0].resource == "threads");  // one of two cores
  CHECK(limits[0].images_per_second == Approx(1000 / 16.0));
}

// By the account of `threads` that computed all the time.
std::vector<ThreadPrediction> predictions_of(AccountRecord account, double rate) {
  return graph::predict_threads(account, {.images_per_second = rate, .error = 1.0}, {1, 2, 4});
}

TEST_CASE("one run gives the rates of other numbers of threads", "[graph][model]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 19.8});
  const auto of_two = predictions_of(account, 100);
  CHECK(of_two[0].rate.images_per_second == Approx(1000 / 19.8).epsilon(0.01));
  CHECK(of_two[1].rate.images_per_second == Approx(100));
  CHECK(of_two[2].rate.images_per_second == Approx(196).epsilon(0.02));
  CHECK(of_two[1].limit == "cores");
  CHECK(of_two[0].limit == "threads");
  CHECK(!of_two[1].needs_cores);
  CHECK(of_two[2].needs_cores);
  CHECK(of_two[1].rate.error > 1.0);  // the measured rate's own, and what a prediction adds

  account.threads = 1;
  work(account, "decode", {.busy = 9.9});
  const auto of_one = predictions_of(account, 100);
  CHECK(of_one[0].rate.images_per_second == Approx(100));
  CHECK(of_one[1].rate.images_per_second == Approx(196).epsilon(0.01));
  CHECK(of_one[1].limit == "cores");
}

TEST_CASE("more threads do not help where a device limits, fewer may hurt", "[graph][model]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 14.0});
  work(account, "backward", {.busy = 9.8, .cpu = 0.0});
  test::put_step_on(account, "gpu");
  const auto predictions = predictions_of(account, 100);
  CHECK(predictions[0].rate.images_per_second == Approx(1000 / 14.0).epsilon(0.01));
  CHECK(predictions[0].limit == "threads");
  CHECK(predictions[1].rate.images_per_second == Approx(100));
  CHECK(predictions[2].rate.images_per_second == Approx(100));
  CHECK(predictions[2].limit == "step");
}

TEST_CASE("threads that sleep and wake do not make competitors, nor their search for work a cost",
          "[graph][model]") {
  AccountRecord account = idle_account();
  work(account, "decode", {.busy = 4.8, .cpu = 4.0});
  work(account, "backward", {.busy = 9.8, .cpu = 0.0});
  test::put_step_on(account, "gpu");
  account.process.run_delay_seconds = 0.8;
  account.overheads = {{"scheduler", 2.0}};
  const graph::ImageCosts costs = graph::costs_of(account);
  const graph::Model model = graph::fitted_model(account, costs, graph::find_limit(account, costs),
                                                 {.images_per_second = 100, .error = 0});
  CHECK(model.competitors == 0.0);
  CHECK(model.costs.scheduler == Approx(0.01 * 0.004));
}

TEST_CASE("a rate's error comes from its windows", "[graph][model]") {
  const AccountRecord account = idle_account();
  const auto error = [&](const std::vector<double>& rates) {
    return graph::measured_rate(account, test::timeline_of(account, rates)).error;
  };
  CHECK(graph::measured_rate(account, {}).images_per_second == Approx(100));
  CHECK(graph::measured_rate(account, {}).error == 0.0);
  CHECK(error(std::vector<double>(10, 100.0)) == Approx(0.0).margin(1.0));
  CHECK(error({90, 110, 90, 110, 90, 110, 90, 110, 90, 110}) > 3.0);
  // The same values, but a slow half and a fast half: fewer of them are worth a window.
  CHECK(error({90, 90, 90, 90, 90, 110, 110, 110, 110, 110}) >
        2 * error({90, 110, 90, 110, 90, 110, 90, 110, 90, 110}));
  CHECK(graph::error_of_mean({10, 12, 14}) == Approx(4.303 * 2 / std::sqrt(3.0)));
  CHECK(graph::error_of_mean({10}) == 0.0);
  // Time in which only validation went on is no part of it.
  Timeline validated = test::timeline_of(account, {100, 100, 100, 0, 0, 100, 100, 100, 100, 100});
  validated.nodes.push_back("validation/decode");
  std::int64_t others = 0;
  for (std::size_t i = 0; i < validated.moments.size(); ++i) {
    if (i > 30 && i <= 50) others += 10;
    validated.moments[i].nodes.push_back({.items_out = others});
  }
  CHECK(graph::measured_rate(account, validated).error < 1.0);
  // Windows hold eight batches or more, and five are needed.
  const Timeline timeline = test::timeline_of(account, {90, 110, 90, 110, 90, 110, 90, 110});
  CHECK(graph::measured_rate(account, timeline, 17).error > 0.0);
  CHECK(graph::measured_rate(account, timeline, 25).error == 0.0);
}

}  // namespace
}  // namespace sluice
