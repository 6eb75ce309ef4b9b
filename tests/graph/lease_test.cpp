// A pipeline driven from outside: next() and leases.
#include <chrono>
#include <cstring>
#include <deque>
#include <future>
#include <thread>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

graph::Executor either_executor() {
  return GENERATE(graph::Executor::flow, graph::Executor::serial);
}

struct Driven {
  explicit Driven(graph::Executor executor, int threads = 2)
      : arena(threads),
        pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                 test::ordinary_stream(world)) {}

  test::SharedWorld world = std::make_shared<test::World>();
  Arena arena;
  graph::Pipeline pipeline;
};

TEST_CASE("next() gives the batches that a batch node would see", "[graph][lease]") {
  const auto executor = either_executor();
  auto seen = std::make_shared<std::vector<test::SeenBatch>>();
  {
    Arena arena(2);
    graph::Pipeline pipeline(
        arena, {.batch = 4, .memory_bytes = 4'000'000},
        test::ordinary_stream(std::make_shared<test::World>()) | test::Remember{seen});
    test::MemorySource source(30, 1);
    pipeline.run(source);
  }
  Driven driven(executor);
  test::MemorySource source(30, 1);
  driven.pipeline.start(source);
  std::vector<test::SeenBatch> leased;
  while (const auto lease = driven.pipeline.next()) leased.push_back(test::look_at(lease->batch()));
  CHECK(driven.pipeline.finish() == graph::RunEnd::completed);
  CHECK(leased == *seen);
  CHECK(driven.pipeline.free_slots() == 3);
  CHECK(test::all_close(driven.pipeline));
}

TEST_CASE("a batch on lease keeps its pixels while others pass", "[graph][lease]") {
  Driven driven(either_executor());
  test::MemorySource source(40, 0);
  driven.pipeline.start(source);
  std::optional<graph::Lease> first = driven.pipeline.next();
  REQUIRE(first.has_value());
  const auto before = test::look_at(first->batch());
  int others = 0;
  while (const auto lease = driven.pipeline.next()) ++others;
  CHECK(others == 9);
  CHECK(test::look_at(first->batch()) == before);
  first.reset();
  CHECK(driven.pipeline.finish() == graph::RunEnd::completed);
  CHECK(driven.pipeline.free_slots() == 3);
}

TEST_CASE("next() with every batch on lease is a mistake that says so", "[graph][lease]") {
  Driven driven(either_executor());
  test::MemorySource source(40, 0);
  driven.pipeline.start(source);
  {
    std::deque<graph::Lease> leases;
    for (int i = 0; i < 3; ++i) leases.push_back(*driven.pipeline.next());
    CHECK_THROWS_WITH(driven.pipeline.next(),
                      "next() with all 3 batches on lease: give one back first");
  }
  CHECK(driven.pipeline.next().has_value());
  driven.pipeline.finish();
  CHECK(driven.pipeline.free_slots() == 3);
}

TEST_CASE("finish() in the middle holds what is left and gives everything back", "[graph][lease]") {
  Driven driven(either_executor());
  for (int taken = 0; taken < 4; ++taken) {
    test::MemorySource source(40, 0);
    driven.pipeline.start(source);
    for (int i = 0; i < taken; ++i) CHECK(driven.pipeline.next().has_value());
    CHECK(driven.pipeline.finish() == graph::RunEnd::cancelled);
    CHECK(driven.pipeline.free_slots() == 3);
    CHECK(test::all_close(driven.pipeline));
  }
}

TEST_CASE("finish() waits for a lease in another thread", "[graph][lease]") {
  Driven driven(either_executor());
  test::MemorySource source(40, 0);
  driven.pipeline.start(source);
  auto lease = std::make_unique<graph::Lease>(*driven.pipeline.next());
  std::jthread holder([held = std::move(lease)]() mutable {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    held.reset();
  });
  driven.pipeline.finish();
  CHECK(driven.pipeline.free_slots() == 3);
}

TEST_CASE("after a failure or a cancel next() gives nothing", "[graph][lease]") {
  const auto executor = either_executor();
  Driven failing(executor);
  failing.world->faults.throwing = {6};
  test::MemorySource source(40, 0);
  failing.pipeline.start(source);
  while (const auto lease = failing.pipeline.next()) {
  }
  CHECK_THROWS_WITH(failing.pipeline.finish(), "store 6 broke");
  CHECK(failing.pipeline.free_slots() == 3);

  Driven cancelled(executor);
  test::MemorySource other(40, 0);
  cancelled.pipeline.start(other);
  CHECK(cancelled.pipeline.next().has_value());
  cancelled.pipeline.cancel();
  CHECK_FALSE(cancelled.pipeline.next().has_value());
  CHECK(cancelled.pipeline.finish() == graph::RunEnd::cancelled);
  CHECK(test::all_close(cancelled.pipeline));
}

// Decodes samples from number 4 on only when the gate is open. A file begins with its number.
struct GatedDecode {
  static constexpr graph::NodeInfo info{.name = "decode", .kind = graph::NodeKind::decode};
  test::MemoryDecode decoder;
  std::shared_ptr<std::atomic<bool>> open;
  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const {
    return decoder.inspect(bytes);
  }
  Result<Ok> decode(std::span<const std::byte> bytes, ImageView to) const {
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof(number));
    if (number >= 4) open->wait(false);
    return decoder.decode(bytes, to);
  }
};

TEST_CASE("a cancel reaches a consumer that waits in next() with a batch on lease",
          "[graph][lease][cancel]") {
  auto world = std::make_shared<test::World>();
  auto gate = std::make_shared<std::atomic<bool>>(false);
  Arena arena(6);  // four of them wait at the gate
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 4'000'000},
                           graph::files(test::MemoryRead{world}) |
                               GatedDecode{.decoder = {world}, .open = gate} | test::Cut{world} |
                               test::MemoryCollate{world});
  test::MemorySource source(8, 0);  // two batches: one on lease, one behind the gate
  pipeline.start(source);
  std::optional<graph::Lease> first = pipeline.next();
  REQUIRE(first.has_value());
  auto second = std::async(std::launch::async, [&] { return pipeline.next().has_value(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the source has ended, next() waits
  pipeline.cancel();
  *gate = true;
  gate->notify_all();
  CHECK(second.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
  first.reset();
  CHECK_FALSE(second.get());
  CHECK(pipeline.finish() == graph::RunEnd::cancelled);
  CHECK(test::all_close(pipeline));
  CHECK(pipeline.free_slots() == 3);
}

TEST_CASE("a pipeline that is dropped while it runs cleans up", "[graph][lease]") {
  test::MemorySource source(40, 0);  // outlives the run
  Driven driven(either_executor());
  driven.pipeline.start(source);
  CHECK(driven.pipeline.next().has_value());
}

TEST_CASE("misuse of the driving calls is refused", "[graph][lease]") {
  Driven driven(graph::Executor::flow);
  CHECK_THROWS_WITH(driven.pipeline.next(), "next() outside start() and finish()");
  CHECK_THROWS_WITH(driven.pipeline.finish(), "finish() without start()");
  test::MemorySource source(40, 0);
  driven.pipeline.start(source);
  test::MemorySource other(40, 0);
  CHECK_THROWS_WITH(driven.pipeline.run(other), Catch::Contains("the pipeline is running"));
  while (driven.pipeline.next()) {
  }
  CHECK_THROWS_WITH(driven.pipeline.run(other), Catch::Contains("the pipeline is running"));
  CHECK_THROWS_WITH(driven.pipeline.start(other), Catch::Contains("the pipeline is running"));
  CHECK(driven.pipeline.finish() == graph::RunEnd::completed);

  auto seen = std::make_shared<std::vector<test::SeenBatch>>();
  graph::Pipeline with_nodes(driven.arena, {.batch = 4, .memory_bytes = 4'000'000},
                             test::ordinary_stream(driven.world) | test::Remember{seen});
  CHECK_THROWS_WITH(with_nodes.start(source),
                    "next() needs a pipeline of one branch without batch nodes");
}

}  // namespace
}  // namespace sluice
