#include "io/sample_order.h"

#include <algorithm>
#include <array>

#include "tests/support/catch.h"

using namespace sluice::io;
using Order = std::vector<std::uint32_t>;

TEST_CASE("the order of an epoch is frozen", "[io][order]") {
  CHECK(sample_order(10, 1, 0) == Order{4, 1, 8, 6, 2, 0, 9, 7, 3, 5});
  CHECK(sample_order(10, 1, 1) == Order{4, 7, 0, 9, 2, 3, 5, 1, 6, 8});
  CHECK(sample_order(10, (std::uint64_t{7} << 32) | 1, 0) == Order{4, 7, 6, 2, 1, 0, 5, 8, 9, 3});
}

TEST_CASE("an order is a permutation, another for each epoch and seed", "[io][order]") {
  const Order order = sample_order(1000, 5, 3);
  Order sorted = order;
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == in_order(1000));
  CHECK(order != sorted);
  CHECK(order == sample_order(1000, 5, 3));
  CHECK(order != sample_order(1000, 5, 4));
  CHECK(order != sample_order(1000, 6, 3));
  CHECK(sample_order(0, 1, 0).empty());
  CHECK(sample_order(1, 1, 0) == Order{0});
}

TEST_CASE("every sample comes first equally often", "[io][order]") {
  std::array<int, 5> first{};
  for (std::uint32_t epoch = 0; epoch < 5000; ++epoch) ++first[sample_order(5, 9, epoch)[0]];
  for (const int count : first) {
    CHECK(count > 850);  // 1000 expected, deviation 28
    CHECK(count < 1150);
  }
}
