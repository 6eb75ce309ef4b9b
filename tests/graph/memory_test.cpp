// Preparation's memory: the plan, reservations in sample order, images above the budget.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <span>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

TEST_CASE("too little memory is refused with what would be enough", "[graph][memory]") {
  Arena arena(1);
  auto world = std::make_shared<test::World>();
  const auto make = [&](std::size_t bytes, int slots) {
    graph::Pipeline pipeline(arena, {.batch = 1000, .slots = slots, .memory_bytes = bytes},
                             test::ordinary_stream(world));
    return pipeline.memory();
  };
  CHECK_THROWS_WITH(
      make(1'000'000, 3),
      Catch::Contains("memory of 1.0 MB is too little for batches of 1000 rows: 2 slots of ") &&
          Catch::Contains("files and images need at least"));
  const auto plan = make(40'000'000, 3);
  CHECK(plan.slots == 3);
  CHECK(plan.slot_bytes >= 1000 * 192 * sizeof(float));
  CHECK(plan.slot_bytes * 3 + plan.read_bytes + plan.image_bytes == 40'000'000);
  CHECK(make(5'000'000, 1).slots == 1);
  // Fewer than asked for, as many as three quarters hold, so that images have room.
  const auto fewer = make(8'000'000, 9);
  CHECK(fewer.slots < 9);
  CHECK(fewer.slot_bytes * static_cast<std::size_t>(fewer.slots) <= 6'000'000);
  CHECK(fewer.slot_bytes * static_cast<std::size_t>(fewer.slots + 1) > 6'000'000);
}

TEST_CASE("the plan is one line", "[graph][memory]") {
  const graph::MemoryPlan plan{
      .slot_bytes = 77'000'000, .slots = 3, .read_bytes = 64'000'000, .image_bytes = 705'000'000};
  CHECK(plan.text() ==
        "memory 1000.0 MB: 3 slots of 77.0 MB, 64.0 MB of files, 705.0 MB of images in flight");
}

TEST_CASE("images in flight never pass the budget", "[graph][memory]") {
  auto world = std::make_shared<test::World>();
  world->delays.max_us = 200;
  world->width = world->height = 120;  // about 45 kB decoded, 180 kB as f32 when enlarged
  world->decoder_bytes = 300'000;
  Arena arena(8);
  graph::Pipeline pipeline(arena, {.batch = 8, .slots = 4, .memory_bytes = 2'300'000},
                           test::images(world) | test::Enlarge{.factor = 2} | test::Cut{world} |
                               test::MemoryCollate{world});
  test::MemorySource source(120, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  CHECK(pipeline.memory().image_bytes < 1'400'000);  // room for three or four at a time
  CHECK(pipeline.image_bytes_max() <= pipeline.memory().image_bytes);
  CHECK(pipeline.image_bytes_max() > 2 * world->decoder_bytes);
  CHECK(test::row(pipeline.account(), "collate").items_out == 120);
}

// Needs memory of its own while it works, as a resampler does.
struct Heavy {
  struct Decision {};
  static constexpr graph::NodeInfo info{.name = "heavy", .kind = graph::NodeKind::pixels};
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  std::size_t scratch_bytes(const Decision&, Extent, PixelType) const { return 500'000; }
  void apply(ConstImageView from, const Decision&, ImageView to) const {
    std::memcpy(to.data, from.data, image_bytes(from.extent, from.type));
  }
};

TEST_CASE("a node's scratch counts as memory in use while the node works", "[graph][memory]") {
  auto world = std::make_shared<test::World>();
  Arena arena(4);
  graph::Pipeline pipeline(
      arena, {.batch = 8, .memory_bytes = 2'300'000},
      test::images(world) | Heavy{} | test::Cut{world} | test::MemoryCollate{world});
  test::MemorySource source(60, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  CHECK(pipeline.image_bytes_max() > 500'000);
  CHECK(pipeline.image_bytes_max() <= pipeline.memory().image_bytes);
}

// Checks what it is handed and fills it, so that a sanitizer or a neighbour would notice too much.
struct Scribble {
  static constexpr std::size_t kBytes = 10'001;
  struct Decision {
    std::uint8_t value = 0;
  };
  static constexpr graph::NodeInfo info{.name = "scribble", .kind = graph::NodeKind::pixels};

  std::shared_ptr<std::atomic<int>> wrong;

  Decision draw(Random& random, Extent) const {
    return {static_cast<std::uint8_t>(random.below(256))};
  }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  std::size_t scratch_bytes(const Decision&, Extent, PixelType) const { return kBytes; }
  void apply(ConstImageView from, const Decision& decision, ImageView to,
             std::span<std::byte> scratch) const {
    const auto address = reinterpret_cast<std::uintptr_t>(scratch.data());
    if (scratch.size() != kBytes || address % Block::kAlignment != 0) ++*wrong;
    const auto value = static_cast<std::byte>(decision.value);
    std::fill(scratch.begin(), scratch.end(), value);
    std::memcpy(to.data, from.data, image_bytes(from.extent, from.type));
    // Nobody else may have written into it.
    if (std::any_of(scratch.begin(), scratch.end(), [&](std::byte b) { return b != value; }))
      ++*wrong;
  }
};

TEST_CASE("a node that works in scratch is handed its own", "[graph][memory]") {
  auto world = std::make_shared<test::World>();
  auto wrong = std::make_shared<std::atomic<int>>(0);
  Arena arena(4);
  graph::Pipeline pipeline(
      arena, {.batch = 8, .memory_bytes = 8'000'000},
      test::images(world) | Scribble{wrong} | test::Cut{world} | test::MemoryCollate{world});
  test::MemorySource source(60, 0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  CHECK(*wrong == 0);
}

TEST_CASE("an image above the whole budget runs alone", "[graph][memory]") {
  auto world = std::make_shared<test::World>();
  world->delays.max_us = 150;
  world->large = {0, 13, 14, 39};
  world->large_side = 900;  // 2.4 MB decoded
  const auto executor = GENERATE(graph::Executor::flow, graph::Executor::serial);
  Arena arena(8);
  graph::Pipeline pipeline(arena, {.executor = executor, .batch = 4, .memory_bytes = 2'200'000},
                           test::ordinary_stream(world));
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    test::MemorySource source(40, epoch);
    CHECK(pipeline.run(source) == graph::RunEnd::completed);
  }
  CHECK(world->alone_violations == 0);
  CHECK(pipeline.image_bytes_max() > pipeline.memory().image_bytes);
  CHECK(pipeline.image_bytes_max() < 3'000'000);
  CHECK(test::row(pipeline.account(), "collate").items_out == 120);
}

}  // namespace
}  // namespace sluice
