// Branches: one decoded image, two chains, slots of their own.
#include <array>
#include <chrono>
#include <functional>
#include <thread>

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

// A net that says which batches it has seen; as slow as `milliseconds`.
struct SlowNet {
  static constexpr graph::NodeInfo info{.name = "net", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::takes_and_gives;
  std::shared_ptr<std::vector<std::int64_t>> seen;
  int milliseconds = 0;
  std::function<void(std::int64_t)> at{};
  void run(graph::Batch& batch, Completion done) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    seen->push_back(batch.number);
    if (at) at(batch.number);
    done(nullptr);
  }
};

TEST_CASE("after a cancel the nets of all branches have seen the same batches",
          "[graph][split][cancel]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  const int slow = GENERATE(0, 1);
  const int cancelled_at = GENERATE(0, 3, 5, 9);
  CAPTURE(slow, cancelled_at);
  auto world = std::make_shared<test::World>();
  world->delays.max_us = 200;
  std::array<std::shared_ptr<std::vector<std::int64_t>>, 2> seen;
  graph::Pipeline* running = nullptr;
  auto branches = graph::split(test::images(world), 2);
  std::vector<graph::BatchStream> streams;
  for (std::size_t b = 0; b < 2; ++b) {
    seen[b] = std::make_shared<std::vector<std::int64_t>>();
    SlowNet net{.seen = seen[b], .milliseconds = static_cast<int>(b) == slow ? 4 : 0};
    net.at = [&](std::int64_t number) {
      if (number == cancelled_at) running->cancel();
    };
    streams.push_back(std::move(branches[b]) | test::Cut{world} | test::Tint{world} |
                      test::MemoryCollate{world} | std::move(net));
    streams.back().name = b == 0 ? "left" : "right";
  }
  Arena arena(4);
  graph::Pipeline pipeline(
      arena, {.executor = executor, .batch = 3, .slots = 4, .memory_bytes = 4'000'000},
      std::move(streams));
  running = &pipeline;
  test::MemorySource source(60, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::cancelled);
  CHECK(*seen[0] == *seen[1]);
  CHECK(static_cast<int>(seen[0]->size()) > cancelled_at);
  CHECK(test::all_close(pipeline));
  CHECK(pipeline.free_slots() == 4);
  CHECK(test::row(pipeline.account(), "left/net").items_out ==
        static_cast<std::int64_t>(seen[0]->size()));
}

TEST_CASE("a cancel at any moment finds all branches at one batch", "[graph][split][cancel]") {
  Arena arena(4);
  int cut = 0;  // runs that had begun and were not over
  for (int run = 0; run < 300; ++run) {
    auto world = std::make_shared<test::World>();
    std::array<std::shared_ptr<std::vector<std::int64_t>>, 3> seen;
    auto branches = graph::split(test::images(world), 3);
    std::vector<graph::BatchStream> streams;
    for (std::size_t b = 0; b < 3; ++b) {
      seen[b] = std::make_shared<std::vector<std::int64_t>>();
      streams.push_back(std::move(branches[b]) | test::Cut{world} | test::Tint{world} |
                        test::MemoryCollate{world} | SlowNet{.seen = seen[b]});
    }
    graph::Pipeline pipeline(arena, {.batch = 1, .slots = 6, .memory_bytes = 4'000'000},
                             std::move(streams));
    std::jthread canceller([&pipeline, run] {
      std::this_thread::sleep_for(std::chrono::microseconds(20 * (run % 50)));
      pipeline.cancel();
    });
    test::MemorySource source(100, 0);
    pipeline.run(source);
    CAPTURE(run);
    CHECK(*seen[0] == *seen[1]);
    CHECK(*seen[0] == *seen[2]);
    if (!seen[0]->empty() && seen[0]->size() < 100) ++cut;
  }
  CHECK(cut > 0);
}

TEST_CASE("a second split is refused", "[graph][split]") {
  auto branches = graph::split(test::images(std::make_shared<test::World>()), 2);
  CHECK_THROWS_WITH(graph::split(std::move(branches[0]), 2),
                    Catch::Contains("a branch cannot be split again"));
}

}  // namespace
}  // namespace sluice
