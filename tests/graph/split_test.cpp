// Branches: one decoded image, two chains, slots of their own.
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

using SeenList = std::shared_ptr<std::vector<test::SeenBatch>>;

struct TwoBranches {
  test::SharedWorld world = std::make_shared<test::World>();
  SeenList left = std::make_shared<std::vector<test::SeenBatch>>();
  SeenList right = std::make_shared<std::vector<test::SeenBatch>>();

  // Left is the ordinary chain behind a shared Enlarge; right stores the enlarged image's corner.
  std::vector<graph::BatchStream> streams() {
    auto branches = graph::split(test::images(world) | test::Enlarge{.factor = 1}, 2);
    std::vector<graph::BatchStream> streams;
    streams.push_back(std::move(branches[0]) | test::Cut{world} | test::Tint{world} |
                      test::MemoryCollate{world} | test::Remember{left});
    streams.push_back(std::move(branches[1]) | test::MemoryCollate{world, 30} |
                      test::Remember{right});
    return streams;
  }
};

TEST_CASE("branches see the same samples, and each what it would see alone", "[graph][split]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  auto alone = std::make_shared<std::vector<test::SeenBatch>>();
  {
    Arena arena(1);
    graph::Pipeline pipeline(
        arena, {.executor = graph::Executor::serial, .batch = 4, .memory_bytes = 4'000'000},
        test::ordinary_stream(std::make_shared<test::World>()) | test::Remember{alone});
    test::MemorySource source(30, 0);
    pipeline.run(source);
  }
  TwoBranches two;
  two.world->delays.max_us = 100;
  Arena arena(4);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                           two.streams());
  test::MemorySource source(30, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  CHECK(*two.left == *alone);
  REQUIRE(two.right->size() == 8);
  CHECK(two.right->back().number == 7);
  CHECK(pipeline.free_slots() == 3);
  CHECK(pipeline.image_bytes_max() <= pipeline.memory().image_bytes);
}

TEST_CASE("rows of several branches carry the branch in their name", "[graph][split][account]") {
  TwoBranches two;
  two.world->faults.decode = {4};
  two.world->faults.store = {5};
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000}, two.streams());
  test::MemorySource source(12, 0);
  pipeline.run(source);
  const AccountRecord account = pipeline.account();
  std::vector<std::string> names;
  for (const NodeRecord& node : account.nodes) names.push_back(node.name);
  CHECK(names == std::vector<std::string>{"sampler", "read", "plan", "decode", "enlarge",
                                          "branch1/cut", "branch1/tint", "branch1/collate",
                                          "branch1/order", "branch1/remember", "branch2/collate",
                                          "branch2/order", "branch2/remember"});
  CHECK(test::row(account, "decode").items_failed == 1);
  CHECK(test::row(account, "branch1/cut").items_in == 11);
  CHECK(test::row(account, "branch1/collate").items_failed == 1);
  CHECK(test::row(account, "branch2/collate").items_failed == 1);
  CHECK(test::all_close(pipeline));
  REQUIRE(two.left->at(1).bad.size() == 2);
  CHECK(two.left->at(1).bad[1].node == "branch1/collate");
}

TEST_CASE("a failure in one branch brings the slots of both back", "[graph][split]") {
  TwoBranches two;
  two.world->delays.max_us = 100;
  Arena arena(4);
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000}, two.streams());
  for (const std::uint32_t number : {0U, 7U, 29U}) {
    two.world->faults.throwing = {number};
    test::MemorySource source(30, 0);
    CHECK_THROWS_WITH(pipeline.run(source), "store " + std::to_string(number) + " broke");
    CHECK(test::all_close(pipeline));
    CHECK(pipeline.free_slots() == 3);
  }
}

TEST_CASE("a second split is refused", "[graph][split]") {
  auto branches = graph::split(test::images(std::make_shared<test::World>()), 2);
  CHECK_THROWS_WITH(graph::split(std::move(branches[0]), 2),
                    Catch::Contains("a branch cannot be split again"));
}

}  // namespace
}  // namespace sluice
