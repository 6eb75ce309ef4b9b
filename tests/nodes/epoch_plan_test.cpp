#include "nodes/run/epoch_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "io/sample_order.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

std::vector<Extent> some_sizes(std::uint32_t count) {
  std::vector<Extent> sizes;
  for (std::uint32_t i = 0; i < count; ++i)
    sizes.push_back({224 + 32 * static_cast<int>(i * i % 5), 224 + 32 * static_cast<int>(i % 2)});
  return sizes;
}

TEST_CASE("batches of one size hold every image once, no two sizes in one, as full as can be",
          "[nodes][plan]") {
  constexpr int kBatch = 8;
  const auto sizes = some_sizes(203);
  const EpochPlan plan = plan_batches_by_size(io::sample_order(203, 5, 1), sizes, kBatch);
  const std::set<std::uint32_t> once(plan.order.begin(), plan.order.end());
  CHECK(once.size() == 203);
  REQUIRE(plan.order.size() == 203);
  std::map<std::pair<int, int>, int> short_ones;
  for (std::size_t b = 0; b < plan.begins.size(); ++b) {
    const auto begin = static_cast<std::size_t>(plan.begins[b]);
    const auto end = b + 1 < plan.begins.size() ? static_cast<std::size_t>(plan.begins[b + 1])
                                                : plan.order.size();
    REQUIRE(begin < end);
    CHECK(end - begin <= kBatch);
    const Extent size = sizes[plan.order[begin]];
    for (std::size_t place = begin; place < end; ++place) CHECK(sizes[plan.order[place]] == size);
    if (end - begin < kBatch) ++short_ones[{size.width, size.height}];
  }
  for (const auto& [size, number] : short_ones) CHECK(number == 1);
}

TEST_CASE("images of one size are planned as if they had none", "[nodes][plan]") {
  const std::vector<Extent> same(50, Extent{224, 224});
  const auto order = io::sample_order(50, 3, 2);
  const EpochPlan by_size = plan_batches_by_size(order, same, 8);
  const EpochPlan plain = plan_batches(order, 8);
  CHECK(by_size.order == plain.order);
  CHECK(by_size.begins == plain.begins);
  CHECK(plain.begins == std::vector<std::int64_t>{0, 8, 16, 24, 32, 40, 48});
}

TEST_CASE("images of a size keep the epoch's order, and batches that of their first images",
          "[nodes][plan]") {
  const std::vector<Extent> sizes{{9, 9}, {8, 9}, {9, 9}, {9, 9}, {8, 9}, {9, 9}, {7, 7}};
  const EpochPlan plan = plan_batches_by_size({4, 2, 6, 0, 1, 5, 3}, sizes, 3);
  CHECK(plan.order == std::vector<std::uint32_t>{4, 1, 2, 0, 5, 6, 3});
  CHECK(plan.begins == std::vector<std::int64_t>{0, 2, 5, 6});
}

TEST_CASE("places and batches of a plan say each other", "[nodes][plan]") {
  const EpochPlan plan{.order = std::vector<std::uint32_t>(10), .begins = {0, 2, 5, 6}};
  for (std::int64_t b = 0; b < 4; ++b) {
    const std::int64_t place = plan.begins[static_cast<std::size_t>(b)];
    CHECK(plan.batches_before(place) == b);
    CHECK(plan.place_behind(0, b) == place);
  }
  CHECK(plan.batches_before(10) == 4);
  CHECK(plan.place_behind(2, 2) == 6);
  CHECK(plan.place_behind(2, 3) == 10);
  CHECK(plan.place_behind(6, 1000) == 10);
  CHECK(plan.place_behind(10, 5) == 10);
  CHECK(plan.place_behind(10, -2) == 10);
  CHECK(plan.place_behind(5, -1) == 5);
  CHECK(plan.images_a_batch() == 3);
  CHECK(EpochPlan{}.place_behind(0, 3) == 0);
  CHECK(EpochPlan{}.images_a_batch() == 1);
}

}  // namespace
}  // namespace sluice::nodes
