// Law 4 and "Done when" 4 for the graph: the same pixels whatever the schedule.
#include <numeric>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

struct Setting {
  graph::Executor executor = graph::Executor::flow;
  int threads = 1;
  int delay_us = 0;
  int slots = 3;
};

// Two epochs of 53 samples in batches of 8; a few of them bad.
std::vector<test::SeenBatch> two_epochs(const Setting& setting) {
  auto world = std::make_shared<test::World>();
  world->delays.max_us = setting.delay_us;
  world->faults.read = {3};
  world->faults.decode = {17, 18};
  auto seen = std::make_shared<std::vector<test::SeenBatch>>();
  Arena arena(setting.threads);
  graph::Pipeline pipeline(arena,
                           {.executor = setting.executor,
                            .batch = 8,
                            .slots = setting.slots,
                            .memory_bytes = 8'000'000,
                            .seed = 7},
                           test::ordinary_stream(world) | test::Remember{seen});
  for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
    test::MemorySource source(53, epoch);
    CHECK(pipeline.run(source) == graph::RunEnd::completed);
    CHECK(pipeline.free_slots() == setting.slots);
  }
  CHECK(test::all_close(pipeline));
  return *seen;
}

TEST_CASE("two epochs give the same pixels on 1, 2 and 8 threads, serially and under random delays",
          "[graph][determinism]") {
  const std::vector<test::SeenBatch> expected = two_epochs({.executor = graph::Executor::serial});
  REQUIRE(expected.size() == 14);
  CHECK(expected[0].hash != expected[7].hash);
  for (const int threads : {1, 2, 8}) {
    CAPTURE(threads);
    CHECK(two_epochs({.threads = threads}) == expected);
    CHECK(two_epochs({.threads = threads, .delay_us = 300}) == expected);
  }
  CHECK(two_epochs({.threads = 2, .slots = 1}) == expected);
  CHECK(two_epochs({.threads = 2, .delay_us = 300, .slots = 6}) == expected);
}

TEST_CASE("batches leave in order and the last one of an epoch is filled up with rows of weight 0",
          "[graph][order]") {
  const auto seen = two_epochs({.threads = 2, .delay_us = 200});
  REQUIRE(seen.size() == 14);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i].number == static_cast<std::int64_t>(i % 7));
    CHECK(seen[i].epoch == i / 7);
  }
  const test::SeenBatch& last = seen[6];
  CHECK(last.count == 5);
  CHECK(std::vector<float>(last.weights.begin() + 5, last.weights.end()) ==
        std::vector<float>(3, 0.0F));
  CHECK(std::accumulate(last.weights.begin(), last.weights.end(), 0.0F) == 5.0F);
}

TEST_CASE("the serial executor counts what the flow graph counts", "[graph][account]") {
  std::vector<std::vector<NodeRecord>> accounts;
  for (const auto executor : {graph::Executor::serial, graph::Executor::flow}) {
    auto world = std::make_shared<test::World>();
    world->faults.inspect = {1, 2};
    world->faults.store = {5};
    Arena arena(2);
    graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                             test::ordinary_stream(world));
    test::MemorySource source(30, 0);
    pipeline.run(source);
    accounts.push_back(pipeline.account().nodes);
  }
  REQUIRE(accounts[0].size() == accounts[1].size());
  for (std::size_t i = 0; i < accounts[0].size(); ++i) {
    const NodeRecord& a = accounts[0][i];
    const NodeRecord& b = accounts[1][i];
    CAPTURE(a.name);
    CHECK(a.name == b.name);
    CHECK(a.items_in == b.items_in);
    CHECK(a.items_out == b.items_out);
    CHECK(a.items_failed == b.items_failed);
    CHECK(a.items_held == 0);
    CHECK(b.items_held == 0);
  }
}

TEST_CASE("a node draws the same numbers when another node joins the chain",
          "[graph][determinism]") {
  std::vector<std::vector<test::SeenBatch>> runs;
  for (const bool joined : {false, true}) {
    auto world = std::make_shared<test::World>();
    auto seen = std::make_shared<std::vector<test::SeenBatch>>();
    Arena arena(2);
    graph::ImageStream chain = test::images(world);
    if (joined) chain = std::move(chain) | test::Enlarge{.factor = 1};
    graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000},
                             std::move(chain) | test::Cut{world} | test::Tint{world} |
                                 test::MemoryCollate{world} | test::Remember{seen});
    test::MemorySource source(12, 0);
    pipeline.run(source);
    runs.push_back(*seen);
  }
  CHECK(runs[0] == runs[1]);
}

}  // namespace
}  // namespace sluice
