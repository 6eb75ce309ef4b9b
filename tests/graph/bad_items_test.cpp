// One record in, one record out (laws 1 and 2): bad items travel to the end, in every node.
#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

struct Finished {
  std::vector<test::SeenBatch> seen;
  AccountRecord account;
  int free_slots = 0;
};

Finished run(const test::SharedWorld& world, graph::PipelineOptions options, int samples) {
  auto seen = std::make_shared<std::vector<test::SeenBatch>>();
  Arena arena(3);
  graph::Pipeline pipeline(arena, options, test::ordinary_stream(world) | test::Remember{seen});
  test::MemorySource source(samples, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  CHECK(test::all_close(pipeline));
  return {*seen, pipeline.account(), pipeline.free_slots()};
}

std::int64_t failed(const Finished& finished, const std::string& node) {
  return test::row(finished.account, node).items_failed;
}

TEST_CASE("a bad sample is named by row, path, node and reason and has weight 0", "[graph][bad]") {
  auto world = std::make_shared<test::World>();
  world->faults = {
      .read = {1}, .inspect = {3}, .decode = {5}, .store = {9}, .small = {7}, .throwing = {}};
  const Finished finished = run(world, {.batch = 6, .memory_bytes = 4'000'000}, 12);

  REQUIRE(finished.seen.size() == 2);
  const auto& bad = finished.seen[0].bad;
  REQUIRE(bad.size() == 3);
  CHECK(bad[0].row == 1);
  CHECK(bad[0].path == "class/1.jpg");
  CHECK(bad[0].node == "read");
  CHECK(bad[0].error == ItemError{"vanished"});
  CHECK(bad[1].node == "plan");
  CHECK(bad[1].error == ItemError{"no header", 3});
  CHECK(bad[2].node == "decode");
  CHECK(bad[2].error == ItemError{"broken pixels", 40});
  REQUIRE(finished.seen[1].bad.size() == 2);
  CHECK(finished.seen[1].bad[0].row == 1);
  CHECK(finished.seen[1].bad[0].error.message == "cut: the image is too small");
  CHECK(finished.seen[1].bad[1].node == "collate");
  CHECK(finished.seen[0].weights == std::vector<float>{1, 0, 1, 0, 1, 0});
}

TEST_CASE("a failure is counted where it happens and nowhere else", "[graph][bad][account]") {
  auto world = std::make_shared<test::World>();
  world->faults = {
      .read = {1, 2}, .inspect = {3}, .decode = {5}, .store = {9}, .small = {7}, .throwing = {}};
  const Finished finished = run(world, {.batch = 6, .memory_bytes = 4'000'000}, 12);
  CHECK(failed(finished, "sampler") == 0);
  CHECK(failed(finished, "read") == 2);
  CHECK(failed(finished, "plan") == 2);
  CHECK(failed(finished, "decode") == 1);
  CHECK(failed(finished, "cut") == 0);
  CHECK(failed(finished, "collate") == 1);
  CHECK(test::row(finished.account, "cut").items_in == 7);
  CHECK(test::row(finished.account, "order").items_out == 2);
}

TEST_CASE("an epoch of only bad images still gives its batches", "[graph][bad]") {
  auto world = std::make_shared<test::World>();
  for (std::uint32_t i = 0; i < 10; ++i) world->faults.decode.insert(i);
  const Finished finished = run(world, {.batch = 4, .memory_bytes = 4'000'000}, 10);
  REQUIRE(finished.seen.size() == 3);
  CHECK(finished.seen[2].count == 2);
  CHECK(finished.seen[0].bad.size() == 4);
  CHECK(finished.seen[0].weights == std::vector<float>(4, 0.0F));
  CHECK(finished.free_slots == 3);
}

TEST_CASE("a source without samples gives no batch", "[graph][bad]") {
  const Finished finished =
      run(std::make_shared<test::World>(), {.batch = 4, .memory_bytes = 4'000'000}, 0);
  CHECK(finished.seen.empty());
  CHECK(finished.free_slots == 3);
}

TEST_CASE("the pixel limit holds at every stage", "[graph][bad][limits]") {
  auto world = std::make_shared<test::World>();
  world->large = {2};
  auto seen = std::make_shared<std::vector<test::SeenBatch>>();
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4, .memory_bytes = 8'000'000, .max_pixels = 5000},
                           test::images(world) | test::Enlarge{.factor = 3} | test::Cut{world} |
                               test::MemoryCollate{world} | test::Remember{seen});
  test::MemorySource source(8, 0);  // 24 x 20 enlarged is 72 x 60 = 4320, the 27 x 23 one 5589
  pipeline.run(source);
  REQUIRE(seen->size() == 2);
  REQUIRE(seen->front().bad.size() == 2);
  CHECK(seen->front().bad[0].error.message ==
        "decode would give 600 x 600 = 0.4 megapixels, the limit is 0.0");
  CHECK(seen->front().bad[1].row == 3);
  CHECK(seen->front().bad[1].error.message.substr(0, 34) == "enlarge would give 81 x 69 = 0.0 m");
}

TEST_CASE("what an image node throws ends the run with it as the first cause", "[graph][bad]") {
  auto world = std::make_shared<test::World>();
  world->faults.throwing = {20};
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(3);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                           test::ordinary_stream(world));
  test::MemorySource source(60, 0);
  CHECK_THROWS_WITH(pipeline.run(source), "store 20 broke");
  CHECK(test::all_close(pipeline));
  CHECK(pipeline.free_slots() == 3);
  CHECK(test::row(pipeline.account(), "collate").items_failed == 1);
  world->faults.throwing.clear();
  test::MemorySource again(60, 0);
  CHECK(pipeline.run(again) == graph::RunEnd::completed);
}

// Breaks its promise: answers first, and then throws.
struct AnswersAndThrows {
  static constexpr graph::NodeInfo info{.name = "breaks", .kind = graph::NodeKind::batch};
  std::exception_ptr answer;
  void run(graph::Batch& batch, Completion done) {
    done(answer);
    if (batch.number == 2) fail(ErrorKind::run, "batch 2 broke after its answer");
  }
};

TEST_CASE("what a batch node throws after its answer ends the run too", "[graph][bad]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(2);
  const auto run = [&](std::exception_ptr answer) {
    graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                             test::ordinary_stream(std::make_shared<test::World>()) |
                                 AnswersAndThrows{std::move(answer)});
    test::MemorySource source(24, 0);
    std::string cause;
    try {
      pipeline.run(source);
    } catch (const Error& error) {
      cause = error.what();
    }
    CHECK(test::all_close(pipeline));
    CHECK(pipeline.free_slots() == 3);
    return cause;
  };
  CHECK(run(nullptr) == "batch 2 broke after its answer");
  CHECK(run(std::make_exception_ptr(Error(ErrorKind::run, "the answer"))) == "the answer");
}

TEST_CASE("what the source throws ends the run too", "[graph][bad]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(3);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                           test::ordinary_stream(std::make_shared<test::World>()));
  for (const int fail_at : {0, 1, 4, 11, 30}) {
    CAPTURE(fail_at);
    test::MemorySource source(60, 0, fail_at);
    CHECK_THROWS_WITH(pipeline.run(source), "the source broke at " + std::to_string(fail_at));
    CHECK(test::all_close(pipeline));
    CHECK(pipeline.free_slots() == 3);
  }
}

TEST_CASE("a cancelled pipeline ends every later run at once", "[graph][cancel]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                           test::ordinary_stream(std::make_shared<test::World>()));
  pipeline.cancel();
  for (int run = 0; run < 2; ++run) {
    test::MemorySource source(60, 0);
    CHECK(pipeline.run(source) == graph::RunEnd::cancelled);
  }
  CHECK(test::row(pipeline.account(), "sampler").items_in == 0);
  CHECK(pipeline.free_slots() == 3);
}

}  // namespace
}  // namespace sluice
