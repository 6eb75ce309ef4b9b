// Rows of bytes, memory that rows are given, and the end of runs that were stopped.
#include <algorithm>
#include <functional>
#include <map>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

using test::World;

// Stores the bytes of 8 x 8 images.
struct ByteCollate {
  static constexpr graph::NodeInfo info{.name = "bytes", .kind = graph::NodeKind::collect};
  test::SharedWorld world;
  std::size_t row_bytes() const { return 8 * 8 * 3; }
  Result<Ok> store(ConstImageView image, const graph::SampleId& id,
                   std::span<std::byte> row) const {
    if (world->faults.store.contains(id.number)) return ItemError{"does not fit"};
    std::copy_n(image.data, row.size(), row.data());
    return Ok{};
  }
};
static_assert(graph::CollectBytesNode<ByteCollate>);

// Tint, that can be left to who reads the rows.
struct LeftTint : test::Tint {
  void add_to(RowTransform& row, const Decision& decision) const {
    add_step(row, {RowTransform::Kind::add, {decision.add, decision.add, decision.add}});
  }
};

// Subtracts an image of 8 x 8, as what is left.
struct Shade {
  struct Decision {};
  static constexpr graph::NodeInfo info{.name = "shade", .kind = graph::NodeKind::colour};
  std::shared_ptr<const std::vector<float>> values =
      std::make_shared<const std::vector<float>>(8 * 8 * 3, 2.5F);
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  std::optional<std::string> refuses(Extent extent) const {
    if (extent == Extent{8, 8}) return std::nullopt;
    return "not 8 x 8";
  }
  void apply(ConstImageView, const Decision&, ImageView) const {}
  void add_to(RowTransform& row, const Decision&) const {
    add_step(row, {.kind = RowTransform::Kind::subtract_image});
  }
  RowImage row_image() const { return {.values = values, .extent = {8, 8}}; }
};

graph::Chain shades(int count) {
  graph::Chain chain;
  for (int i = 0; i < count; ++i)
    chain.push_back(graph::erase_augment(Shade{}, "shade" + std::to_string(i)));
  return chain;
}

struct Rows {
  std::map<std::uint32_t, std::vector<float>> by_number;  // good samples
  std::vector<float> others;                              // values of rows that do not count
};

struct Look {
  static constexpr graph::NodeInfo info{.name = "look", .kind = graph::NodeKind::batch};
  std::function<void(const graph::Batch&)> look;
  void run(graph::Batch& batch, Completion done) {
    look(batch);
    done(nullptr);
  }
};

struct TakeRows {
  static constexpr graph::NodeInfo info{.name = "take", .kind = graph::NodeKind::batch};
  std::shared_ptr<Rows> rows;
  void run(graph::Batch& batch, Completion done) {
    for (std::size_t k = 0; k < batch.row_weights.size(); ++k) {
      const std::vector<float> values = row_of(batch, k);
      if (batch.row_weights[k] == 1.0F)
        rows->by_number[batch.ids[k].number] = values;
      else
        rows->others.insert(rows->others.end(), values.begin(), values.end());
    }
    done(nullptr);
  }
  static std::vector<float> row_of(const graph::Batch& batch, std::size_t k) {
    constexpr std::size_t kValues = 8 * 8 * 3;
    std::vector<float> values;
    for (std::size_t i = k * kValues; i < (k + 1) * kValues; ++i) {
      const bool bytes = batch.rows.empty();
      values.push_back(bytes ? transformed(static_cast<std::uint8_t>(batch.row_bytes[i]),
                                           batch.transforms[k], static_cast<int>(i % 3))
                             : batch.rows[i]);
    }
    return values;
  }
};

graph::Chain tints(int count) {
  graph::Chain chain;
  for (int i = 0; i < count; ++i)
    chain.push_back(graph::erase_augment(LeftTint{}, i == 0 ? "tint" : "tint" + std::to_string(i)));
  return chain;
}

std::shared_ptr<Rows> run(graph::BatchStream stream, const graph::PipelineOptions& options) {
  auto rows = std::make_shared<Rows>();
  Arena arena(2);
  graph::Pipeline pipeline(arena, options, std::move(stream) | TakeRows{rows});
  for (const std::uint32_t epoch : {0U, 1U}) {
    test::MemorySource source(26, epoch);  // batches of 4: the last has two rows
    pipeline.run(source);
  }
  CHECK(test::all_close(pipeline));
  return rows;
}

TEST_CASE("what is left to the rows' readers gives the rows of the chain", "[graph][byte-rows]") {
  const auto world = std::make_shared<World>();
  world->faults.store = {3, 11};
  world->faults.decode = {5};
  for (const auto executor : {graph::Executor::serial, graph::Executor::flow}) {
    const graph::PipelineOptions options{.executor = executor, .batch = 4, .seed = 9};
    const auto floats = run(test::ordinary_stream(world), options);
    const auto bytes =
        run(test::images(world) | test::Cut{world} | graph::leaving(tints(1), ByteCollate{world}),
            options);
    CHECK(bytes->by_number.size() == 23);
    CHECK(bytes->by_number == floats->by_number);
    CHECK(bytes->others.size() == 2 * 5 * 8 * 8 * 3);
    CHECK(std::ranges::all_of(bytes->others, [](float value) { return value == 0.0F; }));
  }
}

void wire(graph::BatchStream stream) {
  Arena arena(1);
  const graph::Pipeline pipeline(arena, {.batch = 2}, std::move(stream));
}

TEST_CASE("rows of bytes take no floats, and no more than a transform holds",
          "[graph][byte-rows]") {
  const auto world = std::make_shared<World>();
  const auto cut = [&] { return test::images(world) | test::Cut{world}; };
  CHECK_THROWS_WITH(wire(cut() | test::Tint{world} | graph::leaving({}, ByteCollate{world})),
                    "the chain gives floats where 'bytes' stores bytes");
  CHECK_THROWS_WITH(wire(cut() | graph::leaving(tints(5), ByteCollate{world})),
                    "5 colour nodes are left to who reads the rows, of which 4 are possible");
  graph::Chain unfit;
  unfit.push_back(graph::erase_augment(test::Enlarge{}));
  CHECK_THROWS_WITH(wire(cut() | graph::leaving(std::move(unfit), ByteCollate{world})),
                    "node 'enlarge' cannot be left to who reads the rows");
  graph::Chain twice = tints(1);
  twice.push_back(graph::erase_augment(LeftTint{}, "tint"));
  CHECK_THROWS_WITH(wire(cut() | graph::leaving(std::move(twice), ByteCollate{world})),
                    Catch::Contains("node 'tint' stands twice"));
  CHECK_NOTHROW(wire(cut() | graph::leaving(tints(4), ByteCollate{world})));
}

TEST_CASE("an image that rows subtract comes with the batch, and stands where its node stood",
          "[graph][byte-rows]") {
  const auto world = std::make_shared<World>();
  const auto cut = [&] { return test::images(world) | test::Cut{world}; };
  const auto left = [&](int images, std::vector<std::size_t> run_behind) {
    return cut() | graph::leaving(shades(images), ByteCollate{world}, std::move(run_behind));
  };
  int seen = 0;
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4}, left(1, {0}) | Look{[&](const graph::Batch& batch) {
                                                  REQUIRE(batch.row_image.extent == Extent{8, 8});
                                                  CHECK(batch.row_image.values->at(0) == 2.5F);
                                                  CHECK(subtracts_image(batch.transforms[0]));
                                                  CHECK(batch.bad.empty());
                                                  ++seen;
                                                }});
  test::MemorySource source(8, 0);
  pipeline.run(source);
  CHECK(seen == 2);
  // In front of the cut images have other sizes.
  graph::Pipeline before(arena, {.batch = 4}, left(1, {1}) | Look{[&](const graph::Batch& batch) {
                                                REQUIRE(batch.bad.size() == 4);
                                                CHECK_THAT(batch.bad[0].error.message,
                                                           Catch::Contains("shade0: not 8 x 8"));
                                              }});
  test::MemorySource again(8, 0);
  before.run(again);
  CHECK_THROWS_WITH(wire(left(1, {2})),
                    "node 'shade0' is left in front of 2 nodes, the branch has 1");
  CHECK_THROWS_WITH(wire(left(2, {0, 0})),
                    "2 nodes that subtract an image are left to who reads the rows, of which 1 is "
                    "possible");
}

TEST_CASE("rows lie where the options say, as long as the pipeline lives", "[graph][byte-rows]") {
  const auto world = std::make_shared<World>();
  int taken = 0;
  int given_back = 0;
  std::size_t bytes = 0;
  const RowMemory memory = [&](std::size_t size) {
    ++taken;
    bytes = size;
    return std::shared_ptr<std::byte>(new std::byte[size], [&](const std::byte* rows) {
      ++given_back;
      delete[] rows;
    });
  };
  {
    Arena arena(1);
    graph::Pipeline pipeline(
        arena, {.batch = 4, .slots = 3, .row_memory = memory},
        test::images(world) | test::Cut{world} | graph::leaving(tints(1), ByteCollate{world}));
    CHECK(taken == 3);
    CHECK(bytes == 4 * 8 * 8 * 3);
    test::MemorySource source(8, 0);
    pipeline.run(source);
    CHECK(given_back == 0);
  }
  CHECK(given_back == 3);
}

// Tells how often it was settled; fails at a batch.
struct Settled {
  static constexpr graph::NodeInfo info{.name = "settled", .kind = graph::NodeKind::batch};
  std::shared_ptr<int> settles;
  std::int64_t fails_at = -1;
  std::optional<double> device_seconds() const { return 0.125; }
  std::string place() const { return "gpu"; }
  void settle() noexcept { ++*settles; }
  void run(graph::Batch& batch, Completion done) {
    if (batch.number == fails_at) fail(ErrorKind::run, "the device is lost");
    done(nullptr);
  }
};

TEST_CASE("a node is settled at the end of every run, stopped or not", "[graph][byte-rows]") {
  const auto world = std::make_shared<World>();
  const auto settles = std::make_shared<int>(0);
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4}, test::ordinary_stream(world) | Settled{settles, 2});
  test::MemorySource two_batches(8, 0);
  CHECK(pipeline.run(two_batches) == graph::RunEnd::completed);
  CHECK(*settles == 1);
  test::MemorySource more(40, 1);
  CHECK_THROWS_WITH(pipeline.run(more), "the device is lost");
  CHECK(*settles == 2);
  CHECK(pipeline.free_slots() == pipeline.memory().slots);
  pipeline.cancel();
  test::MemorySource none(8, 2);
  CHECK(pipeline.run(none) == graph::RunEnd::cancelled);
  CHECK(*settles == 3);
}

TEST_CASE("a node that a device works for is as busy as the device says", "[graph][byte-rows]") {
  const auto world = std::make_shared<World>();
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 4},
                           test::ordinary_stream(world) | Settled{std::make_shared<int>(0)});
  test::MemorySource source(8, 0);
  pipeline.run(source);
  const NodeRecord row = test::row(pipeline.account(), "settled");
  CHECK(row.busy_seconds == 0.125);
  CHECK(row.place == "gpu");
  CHECK(row.items_out == 2);
}

}  // namespace
}  // namespace sluice
