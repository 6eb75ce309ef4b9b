// Arrays in one block: none that live together may overlap, and what is shared must be worth it.
#include <algorithm>
#include <numeric>
#include <vector>

#include "runtime/backend/onednn/memory_plan.h"
#include "runtime/random.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

std::vector<PlacedArray> random_arrays(std::uint64_t seed, std::size_t count) {
  Random random({.seed = seed, .stream = stream_id("test/arrays")});
  const auto below = [&](std::size_t end) {
    return static_cast<std::size_t>(random.uniform() * static_cast<double>(end));
  };
  std::vector<PlacedArray> arrays;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = below(40);
    const std::size_t bytes = below(8) == 0 ? 0 : below(std::size_t{1} << below(20));
    arrays.push_back({.bytes = bytes, .lifetime = {first, first + below(1 + below(40))}});
  }
  return arrays;
}

// The slow twin of the shared clock: byte ranges and times, pair by pair.
bool overlap(const std::vector<PlacedArray>& arrays, const Placement& placement, std::size_t a,
             std::size_t b) {
  for (std::size_t time = arrays[a].lifetime.first; time <= arrays[a].lifetime.last; ++time) {
    if (time < arrays[b].lifetime.first || time > arrays[b].lifetime.last) continue;
    const std::size_t begin = std::max(placement.offsets[a], placement.offsets[b]);
    const std::size_t end =
        std::min(placement.offsets[a] + arrays[a].bytes, placement.offsets[b] + arrays[b].bytes);
    if (begin < end) return true;
  }
  return false;
}

std::size_t overlaps(const std::vector<PlacedArray>& arrays, const Placement& placement) {
  std::size_t found = 0;
  for (std::size_t a = 0; a < arrays.size(); ++a)
    for (std::size_t b = a + 1; b < arrays.size(); ++b) found += overlap(arrays, placement, a, b);
  return found;
}

std::size_t most_at_one_time(const std::vector<PlacedArray>& arrays) {
  std::size_t most = 0;
  for (std::size_t time = 0; time < 100; ++time) {
    std::size_t alive = 0;
    for (const PlacedArray& array : arrays) {
      if (array.lifetime.first <= time && time <= array.lifetime.last) alive += array.bytes;
    }
    most = std::max(most, alive);
  }
  return most;
}

std::size_t all_bytes(const std::vector<PlacedArray>& arrays) {
  return std::accumulate(arrays.begin(), arrays.end(), std::size_t{0},
                         [](std::size_t sum, const PlacedArray& a) { return sum + a.bytes; });
}

}  // namespace

TEST_CASE("arrays that live together never overlap, whatever their lifetimes",
          "[backend][onednn][memory]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const std::vector<PlacedArray> arrays = random_arrays(seed, seed % 50);
    for (const Sharing sharing : {Sharing::by_lifetime, Sharing::none}) {
      const Placement placement = place(arrays, sharing);
      REQUIRE(placement.offsets.size() == arrays.size());
      CHECK(overlaps(arrays, placement) == 0);
      CHECK(placement.bytes >= most_at_one_time(arrays));
      for (std::size_t i = 0; i < arrays.size(); ++i) {
        CHECK(placement.offsets[i] % 64 == 0);
        if (arrays[i].bytes > 0) CHECK(placement.offsets[i] + arrays[i].bytes <= placement.bytes);
      }
    }
    const Placement again = place(arrays, Sharing::by_lifetime);
    CHECK(again.offsets == place(arrays, Sharing::by_lifetime).offsets);
  }
}

TEST_CASE("the bytes alive at one time are counted right", "[backend][onednn][memory]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::vector<PlacedArray> arrays = random_arrays(seed, 30);
    CHECK(most_bytes_alive(arrays) == most_at_one_time(arrays));
  }
  CHECK(most_bytes_alive({}) == 0);
}

TEST_CASE("a block is not much larger than what lives in it at one time",
          "[backend][onednn][memory]") {
  double worst = 0.0, sum = 0.0;
  constexpr std::uint64_t kSeeds = 200;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::vector<PlacedArray> arrays = random_arrays(seed, 40);
    const auto placed = static_cast<double>(place(arrays, Sharing::by_lifetime).bytes);
    const double padding = 128.0 * static_cast<double>(arrays.size());
    const double ratio = placed / (static_cast<double>(most_at_one_time(arrays)) + padding);
    worst = std::max(worst, ratio);
    sum += ratio;
  }
  CHECK(worst < 1.35);
  CHECK(sum / static_cast<double>(kSeeds) < 1.05);
}

TEST_CASE("an array takes the smallest gap that holds it", "[backend][onednn][memory]") {
  // Three that end at 1 leave gaps of 640, 320 and 640 between what lives on.
  const std::vector<PlacedArray> arrays = {{640, {0, 1}},  {3200, {0, 9}}, {320, {0, 1}},
                                           {3200, {0, 9}}, {640, {0, 1}},  {3200, {0, 9}},
                                           {310, {2, 9}}};
  const Placement placement = place(arrays, Sharing::by_lifetime);
  CHECK(overlaps(arrays, placement) == 0);
  const Placement without = place(std::span(arrays).first(6), Sharing::by_lifetime);
  CHECK(placement.bytes == without.bytes);
}

TEST_CASE("without sharing every array has memory of its own", "[backend][onednn][memory]") {
  const std::vector<PlacedArray> arrays = random_arrays(7, 20);
  const Placement placement = place(arrays, Sharing::none);
  CHECK(placement.bytes >= all_bytes(arrays));
  std::vector<PlacedArray> together = arrays;
  for (PlacedArray& array : together) array.lifetime = {0, 99};
  CHECK(overlaps(together, placement) == 0);
}

TEST_CASE("a layer's own arrays live from its forward to its backward",
          "[backend][onednn][memory]") {
  const onednn::Timeline training{.layers = 5, .purpose = Purpose::training};
  CHECK(training.of(1).first == 1);
  CHECK(training.of(1).last == 8);
  CHECK(training.backward(4) == 5);
  CHECK(training.backward(0) == 9);
  CHECK(training.end() == 10);
  const onednn::Timeline evaluation{.layers = 5, .purpose = Purpose::evaluation};
  CHECK(evaluation.of(3).first == 3);
  CHECK(evaluation.of(3).last == 3);

  onednn::MemoryPlan plan(evaluation);
  plan.enter(1);
  const onednn::Region early = plan.reserve(1000), lasting = plan.reserve_until_next(1000);
  plan.enter(4);
  const onednn::Region late = plan.reserve(1000), empty = plan.reserve(0);
  plan.place_all(Sharing::by_lifetime);
  std::vector<std::byte> block(plan.bytes());
  const onednn::Memory memory = plan.in(block.data());
  CHECK(early.in(memory) == late.in(memory));
  CHECK(early.in(memory) != lasting.in(memory));
  CHECK(late.in(memory) != lasting.in(memory));
  CHECK(empty.in(memory) == nullptr);
  CHECK(onednn::Region{}.in(memory) == nullptr);
}

}  // namespace sluice::test
