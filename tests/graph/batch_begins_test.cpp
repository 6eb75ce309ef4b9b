// Sources that say where batches begin.
#include <set>

#include "tests/graph/synthetic.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// The samples of another source; those at `begins` begin a batch.
class Dividing final : public graph::Source {
 public:
  Dividing(int count, std::set<std::uint32_t> begins)
      : samples_(count, 0), begins_(std::move(begins)) {}
  std::optional<graph::SourceItem> next() override {
    std::optional<graph::SourceItem> item = samples_.next();
    if (item) item->begins_batch = begins_.contains(item->id.position);
    return item;
  }

 private:
  test::MemorySource samples_;
  std::set<std::uint32_t> begins_;
};

std::vector<test::SeenBatch> batches_of(graph::Executor executor, std::set<std::uint32_t> begins,
                                        std::set<std::uint32_t> bad = {}) {
  const auto world = std::make_shared<test::World>();
  world->faults.decode = std::move(bad);
  Arena arena(2);
  const auto seen = std::make_shared<std::vector<test::SeenBatch>>();
  graph::Pipeline pipeline(
      arena, {.executor = executor, .batch = 4, .slots = 2, .memory_bytes = 4'000'000},
      test::images(world) | test::Cut{world} | test::Tint{world} | test::MemoryCollate{world} |
          test::Remember{seen});
  for (int run = 0; run < 2; ++run) {
    Dividing source(13, begins);
    CHECK(pipeline.run(source) == graph::RunEnd::completed);
    CHECK(pipeline.free_slots() == pipeline.memory().slots);
  }
  const NodeRecord first = pipeline.account().nodes.front();
  CHECK(first.items_in == first.items_out);
  return *seen;
}

std::vector<int> counts(const std::vector<test::SeenBatch>& batches) {
  std::vector<int> all;
  for (const test::SeenBatch& batch : batches) all.push_back(batch.count);
  return all;
}

TEST_CASE("a batch ends where the next one is said to begin, full or not", "[graph][begins]") {
  const auto seen = batches_of(graph::Executor::flow, {0, 1, 5, 8});
  CHECK(counts(seen) == std::vector<int>{1, 4, 3, 4, 1, 1, 4, 3, 4, 1});
  for (std::size_t i = 0; i < seen.size(); ++i)
    CHECK(seen[i].number == static_cast<std::int64_t>(i % 5));
  CHECK(seen[0].weights == std::vector<float>{1.0F, 0.0F, 0.0F, 0.0F});
}

TEST_CASE("batches that end early are the same from both executors, with bad samples too",
          "[graph][begins]") {
  for (const std::set<std::uint32_t>& bad : {std::set<std::uint32_t>{}, {0U, 3U, 4U}})
    CHECK(batches_of(graph::Executor::flow, {2, 3, 9}, bad) ==
          batches_of(graph::Executor::serial, {2, 3, 9}, bad));
}

TEST_CASE("where full batches begin anyway nothing changes", "[graph][begins]") {
  CHECK(batches_of(graph::Executor::flow, {0, 4, 8, 12}) == batches_of(graph::Executor::flow, {}));
}

}  // namespace
}  // namespace sluice
