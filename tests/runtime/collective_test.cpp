#include <atomic>
#include <thread>
#include <vector>

#include "runtime/collective/in_process.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

TEST_CASE("an exchange is over when its last rank has come", "[runtime][collective]") {
  InProcessCollective collective(3);
  std::vector<std::vector<float>> values = {{1, 10}, {2, 20}, {4, 40}};
  int told = 0;
  const auto done = [&](std::exception_ptr failure) { told += failure ? 100 : 1; };
  collective.all_reduce(2, values[2], done);
  collective.all_reduce(0, values[0], done);
  CHECK(told == 0);
  CHECK(values[2] == std::vector<float>{4, 40});
  collective.all_reduce(1, values[1], done);
  CHECK(told == 3);
  for (const auto& sum : values) CHECK(sum == std::vector<float>{7, 70});
}

TEST_CASE("the sum is the same bits whoever comes last", "[runtime][collective]") {
  const std::vector<float> parts = {1e8F, -1e8F, 1.25F, 3e-7F};
  const auto sum = [&](const std::vector<int>& order) {
    InProcessCollective collective(4);
    std::vector<float> values = parts;
    for (const int rank : order)
      collective.all_reduce(rank, {&values[static_cast<std::size_t>(rank)], 1}, [](auto) {});
    return values[0];
  };
  CHECK(sum({0, 1, 2, 3}) == sum({3, 2, 1, 0}));
  CHECK(sum({0, 1, 2, 3}) == sum({2, 0, 3, 1}));
}

TEST_CASE("ranks may run ahead of each other by several exchanges", "[runtime][collective]") {
  InProcessCollective collective(2);
  std::vector<float> ahead = {1, 2, 3};
  std::vector<float> behind = {10, 20, 30};
  for (float& value : ahead) collective.all_reduce(0, {&value, 1}, [](auto) {});
  for (float& value : behind) collective.all_reduce(1, {&value, 1}, [](auto) {});
  CHECK(ahead == std::vector<float>{11, 22, 33});
  CHECK(behind == ahead);
}

TEST_CASE("ranks in threads of their own meet", "[runtime][collective]") {
  constexpr int kRanks = 4;
  constexpr int kRounds = 200;
  InProcessCollective collective(kRanks);
  std::vector<std::vector<float>> values(kRanks, std::vector<float>(kRounds, 1.0F));
  std::atomic<int> told = 0;
  {
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < kRanks; ++rank) {
      threads.emplace_back([&, rank] {
        for (float& value : values[static_cast<std::size_t>(rank)])
          collective.all_reduce(rank, {&value, 1}, [&](auto) { ++told; });
      });
    }
  }
  CHECK(told == kRanks * kRounds);
  for (const auto& sums : values) CHECK(sums == std::vector<float>(kRounds, float{kRanks}));
}

TEST_CASE("ranks that exchange unequal values are all told", "[runtime][collective]") {
  InProcessCollective collective(2);
  std::vector<float> two(2);
  std::vector<float> three(3);
  int failures = 0;
  const auto done = [&](std::exception_ptr failure) { failures += failure ? 1 : 0; };
  collective.all_reduce(0, two, done);
  collective.all_reduce(1, three, done);
  CHECK(failures == 2);
}

TEST_CASE("a rank outside the world is refused", "[runtime][collective]") {
  InProcessCollective collective(2);
  std::vector<float> value(1);
  CHECK_THROWS_WITH(collective.all_reduce(2, value, [](auto) {}), Catch::Contains("rank 2"));
  CHECK_THROWS_WITH(InProcessCollective(0), Catch::Contains("valid: 1 or more"));
}

}  // namespace
}  // namespace sluice
