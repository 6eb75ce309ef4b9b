// What is said of two runs whose difference is known.
#include "graph/account/difference.h"

#include <cmath>
#include <random>
#include <string>

#include "graph/account/common_factor.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

struct Kind {
  const char* name;
  double seconds;  // of CPU an image
  double feels;    // how much of a neighbour's load
};

// Like AlexNet's preparation.
const std::vector<Kind> kKinds = {
    {"read", 30e-6, 1.0}, {"decode", 950e-6, 0.3}, {"rescale", 60e-6, 1.2}, {"crop", 0.2e-6, 1.0},
    {"mean", 18e-6, 2.0}, {"flip", 11e-6, 2.0},    {"colour", 17e-6, 1.0}};

struct Machine {
  std::uint64_t seed = 1;
  double slower = 1.0;     // all of it
  double neighbour = 0.0;  // part of the windows in which somebody else works beside it
  double noise = 0.02;     // of a window
  std::size_t moments = 161;
};

struct Plant {
  std::string node = {};
  double factor = 1.0;
};

// A run of 20 s with a moment each eighth of a second.
graph::MeasuredRun run_of(const Machine& machine, const Plant& plant = {}) {
  std::mt19937_64 random(machine.seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  graph::MeasuredRun run;
  run.account.wall_seconds = 10.0;
  run.account.threads = 2;
  Moment now;
  for (const Kind& kind : kKinds) {
    run.account.nodes.push_back(
        {.name = kind.name, .place = "cpu", .unit = "image", .run_seconds = 10.0});
    run.timeline.nodes.push_back(kind.name);
    now.nodes.push_back({});
  }
  run.timeline.moments.push_back(now);
  bool beside = false;
  for (std::size_t i = 1; i < machine.moments; ++i) {
    if (i % 8 == 0) beside = uniform(random) < machine.neighbour;
    now.seconds = 0.125 * static_cast<double>(i);
    for (std::size_t n = 0; n < kKinds.size(); ++n) {
      const double factor = kKinds[n].name == plant.node ? plant.factor : 1.0;
      const double cost = kKinds[n].seconds * machine.slower * factor *
                          (beside ? 1.0 + 0.2 * kKinds[n].feels : 1.0) *
                          std::exp(machine.noise * normal(random));
      now.nodes[n].items_out += 200;
      now.nodes[n].cpu_seconds += 200 * cost;
      now.nodes[n].busy_seconds += 200 * cost;
    }
    run.timeline.moments.push_back(now);
  }
  for (std::size_t n = 0; n < kKinds.size(); ++n) {
    run.account.nodes[n].items_out = now.nodes[n].items_out;
    run.account.nodes[n].cpu_seconds = now.nodes[n].cpu_seconds;
    run.account.nodes[n].busy_seconds = now.nodes[n].busy_seconds;
  }
  return run;
}

std::string named(const graph::Difference& difference) {
  std::string names;
  for (const auto& node : difference.nodes)
    if (node.fate == graph::Fate::slower) names += (names.empty() ? "" : " ") + node.name;
  return names;
}

TEST_CASE("two equal runs have no difference", "[graph][difference]") {
  for (std::uint64_t seed = 1; seed <= 200; seed += 2) {
    const auto difference = graph::difference(run_of({.seed = seed}), run_of({.seed = seed + 1}));
    CAPTURE(seed, difference.text);
    CHECK_FALSE(difference.changed());
    CHECK(difference.text == "no change");
    CHECK(difference.machine_percent == 0.0);
  }
}

TEST_CASE("a node that became 5 % slower is named, and no other", "[graph][difference]") {
  for (const char* name : {"decode", "rescale", "mean", "flip", "colour"}) {
    for (std::uint64_t seed = 1; seed <= 20; seed += 2) {
      const auto difference =
          graph::difference(run_of({.seed = seed}), run_of({.seed = seed + 1}, {name, 1.05}));
      CAPTURE(name, seed, difference.text);
      CHECK(named(difference) == name);
      CHECK(difference.machine_percent == 0.0);
    }
  }
}

TEST_CASE("of a node that only fills memory a twentieth is not told", "[graph][difference]") {
  const auto filling = [](graph::MeasuredRun run) {
    for (NodeRecord& node : run.account.nodes)
      if (node.name == "mean") node.bytes_held_max = 1'400'000;  // 700 kB a thread in 18 us
    return run;
  };
  for (std::uint64_t seed = 1; seed <= 20; seed += 2) {
    const graph::MeasuredRun before = filling(run_of({.seed = seed}));
    const auto little = filling(run_of({.seed = seed + 1}, {"mean", 1.05}));
    CHECK_FALSE(graph::difference(before, little).changed());
    const auto much = filling(run_of({.seed = seed + 1}, {"mean", 1.2}));
    CHECK(named(graph::difference(before, much)) == "mean");
  }
}

TEST_CASE("a machine that is slower as a whole is told apart from its nodes",
          "[graph][difference]") {
  const auto before = run_of({.seed = 3});
  const auto slow = graph::difference(before, run_of({.seed = 4, .slower = 1.06}));
  CHECK_FALSE(slow.changed());
  CHECK(slow.machine_percent == Approx(6.0).margin(1.0));
  const auto both =
      graph::difference(before, run_of({.seed = 5, .slower = 0.96}, {"decode", 1.12}));
  CHECK(named(both) == "decode");
  CHECK(both.machine_percent == Approx(-4.0).margin(1.0));
  CHECK(both.nodes[1].percent == Approx(12.0).margin(1.5));
}

TEST_CASE("a neighbour that comes and goes is nobody's change, though nodes feel it differently",
          "[graph][difference]") {
  for (std::uint64_t seed = 1; seed <= 60; seed += 2) {
    const auto difference = graph::difference(run_of({.seed = seed, .neighbour = 0.1}),
                                              run_of({.seed = seed + 1, .neighbour = 0.6}));
    CAPTURE(seed, difference.text);
    CHECK_FALSE(difference.changed());
  }
}

TEST_CASE("time that a node waits is told as well", "[graph][difference]") {
  auto after = run_of({.seed = 8});
  for (std::size_t i = 0; i < after.timeline.moments.size(); ++i)
    after.timeline.moments[i].nodes[0].busy_seconds *= 1.5;
  const auto difference = graph::difference(run_of({.seed = 7}), after);
  CHECK(named(difference) == "read");
  CHECK(difference.nodes[0].cost == graph::Cost::busy);
  CHECK(difference.nodes[0].percent == Approx(50.0).margin(3.0));
  after.account.cpu_seconds_process = 10.0;  // not where others had the cores
  after.account.process.run_delay_seconds = 4.0;
  CHECK_FALSE(graph::difference(run_of({.seed = 7}), after).changed());
}

TEST_CASE("nodes that came or went, and another machine, are said", "[graph][difference]") {
  const auto before = run_of({.seed = 1});
  auto after = run_of({.seed = 2});
  after.account.threads = 4;
  after.account.nodes[6].name = "pca-colour";
  after.timeline.nodes[6] = "pca-colour";
  const auto difference = graph::difference(before, after);
  REQUIRE(difference.circumstances.size() == 1);
  CHECK(difference.circumstances[0] == "threads: 2, then 4");
  CHECK(difference.nodes[6].fate == graph::Fate::only_before);
  CHECK(difference.nodes[7].fate == graph::Fate::only_after);
  CHECK(difference.changed());
  CHECK(difference.text == "colour is gone; pca-colour is new");
  CHECK(graph::table(difference).find("another one in the second run: threads: 2, then 4") == 0);
}

TEST_CASE("a run that is too short, or has no timeline, is not judged", "[graph][difference]") {
  const auto whole = run_of({.seed = 1});
  for (auto other : {run_of({.seed = 2, .moments = 6}), graph::MeasuredRun{whole.account, {}}}) {
    const auto difference = graph::difference(whole, other);
    CHECK_FALSE(difference.changed());
    CHECK(difference.text.find("too short to compare") == 0);
    CHECK(difference.nodes[1].fate == graph::Fate::unknown);
    CHECK(difference.nodes[1].before_seconds > 0.0);
  }
}

TEST_CASE("a median of an even number of values lies between its middle two",
          "[graph][difference]") {
  CHECK(graph::median({}) == 0.0);
  CHECK(graph::median({3.0}) == 3.0);
  CHECK(graph::median({4.0, 1.0, 2.0, 9.0}) == 3.0);
}

}  // namespace
}  // namespace sluice
