// Several rows of an image, and nets that several branches share.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// Each of its rows is the image's first pixels and the row's number.
struct ThreeRows {
  static constexpr graph::NodeInfo info{.name = "views", .kind = graph::NodeKind::collect};
  test::MemoryCollate inner;

  int views() const { return 3; }
  std::size_t row_floats() const { return inner.row_floats() + 1; }
  Result<Ok> store(ConstImageView image, const graph::SampleId& id, std::span<float> rows) const {
    for (std::size_t v = 0; v < 3; ++v) {
      const std::span<float> row = rows.subspan(v * row_floats(), row_floats());
      if (auto stored = inner.store(image, id, row.first(inner.row_floats())); !stored)
        return stored;
      row.back() = static_cast<float>(v) + 1.0F;
    }
    return Ok{};
  }
};
static_assert(graph::CollectNode<ThreeRows>);

TEST_CASE("a sample's views are rows side by side, with its label and weight", "[graph][views]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  auto world = std::make_shared<test::World>();
  world->faults.decode = {2, 14, 27};  // slots that have held good rows before
  world->faults.store = {5, 22};
  const ThreeRows collect{{world, 30}};
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 4'000'000},
                           test::images(world) | test::Cut{world} | test::Tint{world} | collect);
  test::MemorySource source(38, 0);
  pipeline.start(source);
  int samples = 0, bad = 0;
  while (const auto lease = pipeline.next()) {
    const graph::Batch& batch = lease->batch();
    REQUIRE(batch.views == 3);
    REQUIRE(batch.labels.size() == 12);
    REQUIRE(batch.row_weights.size() == 12);
    REQUIRE(batch.rows.size() == 12 * collect.row_floats());
    samples += batch.count;
    bad += static_cast<int>(batch.bad.size());
    for (std::size_t row = 0; row < 12; ++row) {
      const std::size_t sample = row / 3;
      CHECK(batch.row_weights[row] == batch.row_weights[sample * 3]);
      if (static_cast<int>(sample) < batch.count)
        CHECK(batch.labels[row] == static_cast<int>(batch.ids[sample].number % 7));
      const auto values = batch.rows.subspan(row * collect.row_floats(), collect.row_floats());
      if (batch.row_weights[row] != 0.0F) {
        CHECK(values.back() == static_cast<float>(row % 3) + 1.0F);
      } else {
        CHECK(std::ranges::all_of(values, [](float value) { return value == 0.0F; }));
      }
    }
    for (const graph::BadItem& item : batch.bad)
      CHECK(batch.row_weights[static_cast<std::size_t>(item.row) * 3] == 0.0F);
  }
  CHECK(pipeline.finish() == graph::RunEnd::completed);
  CHECK(samples == 38);
  CHECK(bad == 5);
  CHECK(test::all_close(pipeline));
}

// Counts how many batches are in one net at once.
struct InNet {
  static constexpr graph::NodeInfo info{.name = "net", .kind = graph::NodeKind::batch};
  static constexpr auto token = graph::StepToken::takes_and_gives;

  struct Net {
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::atomic<int> batches = 0;
    int fails_at = -1;
  };
  Net* shared;

  const void* net() const { return shared; }
  void run(graph::Batch&, Completion done) {
    const int now = ++shared->inside;
    if (now > shared->most) shared->most = now;
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    --shared->inside;
    if (shared->batches++ == shared->fails_at)
      return done(std::make_exception_ptr(Error(ErrorKind::run, "the net broke")));
    done(nullptr);
  }
};

struct ThreeBranches {
  test::SharedWorld world = std::make_shared<test::World>();
  InNet::Net one, two;

  // Two branches of one net, and one of another.
  std::vector<graph::BatchStream> streams() {
    auto branches = graph::split(test::images(world), 3);
    std::vector<graph::BatchStream> streams;
    for (std::size_t b = 0; b < 3; ++b)
      streams.push_back(std::move(branches[b]) | test::MemoryCollate{world, 30} |
                        InNet{b == 2 ? &two : &one});
    return streams;
  }
};

TEST_CASE("branches of one net are never in it together, and all of them get on",
          "[graph][views]") {
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  ThreeBranches three;
  Arena arena(4);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 2, .memory_bytes = 4'000'000},
                           three.streams());
  test::MemorySource source(60, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  CHECK(three.one.most == 1);
  CHECK(three.two.most == 1);
  CHECK(three.one.batches == 60);
  CHECK(three.two.batches == 30);
  CHECK(test::all_close(pipeline));
  CHECK(pipeline.free_slots() == 3);
}

TEST_CASE("a failure or a cancel in one branch ends those that wait for the same net",
          "[graph][views]") {
  const bool cancels = GENERATE(true, false);
  for (int at = 0; at < 20; ++at) {
    ThreeBranches three;
    if (!cancels) three.one.fails_at = at;
    Arena arena(4);
    graph::Pipeline pipeline(arena, {.batch = 2, .memory_bytes = 4'000'000}, three.streams());
    test::MemorySource source(60, 0);
    if (cancels) {
      std::jthread late([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(400 * at));
        pipeline.cancel();
      });
      const graph::RunEnd end = pipeline.run(source);  // on a busy machine it may be over before
      CHECK((end == graph::RunEnd::cancelled || three.one.batches == 60));
    } else {
      CHECK_THROWS_AS(pipeline.run(source), Error);
    }
    CHECK(pipeline.free_slots() == 3);
    CHECK(test::all_close(pipeline));
  }
}

}  // namespace
}  // namespace sluice
