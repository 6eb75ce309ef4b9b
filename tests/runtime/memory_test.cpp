#include "runtime/memory.h"

#include <cstdint>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace sluice {

TEST_CASE("a block is aligned, writable and large enough", "[runtime][memory]") {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, std::size_t{5000000}}) {
    Block block = Block::allocate(bytes);
    CHECK(block.size() >= bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block.data()) % Block::kAlignment == 0);
    block.bytes().front() = std::byte{1};
    block.bytes().back() = std::byte{2};
    CHECK(block.bytes().back() == std::byte{2});
  }
}

TEST_CASE("a moved block belongs to its new owner only", "[runtime][memory]") {
  BlockPool pool(1 << 20);
  Block first = pool.take(1000);
  std::byte* const data = first.data();
  Block second = std::move(first);
  CHECK(second.data() == data);
  CHECK(pool.bytes_in_use() == second.size());
  second.release();
  CHECK(second.data() == nullptr);
  CHECK(pool.bytes_in_use() == 0);
}

TEST_CASE("a pool gives a freed block to the next taker of its size class", "[runtime][memory]") {
  BlockPool pool(1 << 20);
  std::byte* data = nullptr;
  {
    const Block block = pool.take(10000);
    data = block.data();
  }
  CHECK(pool.bytes_cached() == BlockPool::rounded(10000));
  const Block again = pool.take(BlockPool::rounded(10000) - 1);
  CHECK(again.data() == data);
  CHECK(pool.bytes_cached() == 0);
}

TEST_CASE("size classes waste at most an eighth above the smallest", "[runtime][memory]") {
  std::size_t before = 0;
  for (std::size_t bytes = 4096; bytes < 3000000; bytes += 977) {
    const std::size_t rounded = BlockPool::rounded(bytes);
    REQUIRE(rounded >= bytes);
    REQUIRE(static_cast<double>(rounded) <= static_cast<double>(bytes) * 1.13);
    REQUIRE(rounded >= before);
    REQUIRE(BlockPool::rounded(rounded) == rounded);
    before = rounded;
  }
}

TEST_CASE("a pool returns cached blocks before it would pass its budget", "[runtime][memory]") {
  const std::size_t budget = 1 << 20;
  BlockPool pool(budget);
  { const Block block = pool.take(600000); }
  REQUIRE(pool.bytes_cached() > 0);
  const Block other = pool.take(900000);
  CHECK(pool.bytes_in_use() + pool.bytes_cached() <= budget);
  CHECK(pool.bytes_in_use() == other.size());
}

TEST_CASE("a pool never refuses, it remembers how much was in use", "[runtime][memory]") {
  BlockPool pool(1000);
  {
    const Block large = pool.take(100000);
    CHECK(large.size() >= 100000);
  }
  CHECK(pool.bytes_in_use() == 0);
  CHECK(pool.bytes_in_use_max() >= 100000);
  CHECK(pool.bytes_cached() <= 1000);
}

TEST_CASE("many threads may use one pool", "[runtime][memory]") {
  BlockPool pool(1 << 22);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&pool, t] {
        for (std::size_t i = 0; i < 500; ++i) {
          const Block block = pool.take(1000 + 997 * ((i * 7 + t) % 13));
          block.bytes().front() = static_cast<std::byte>(t);
        }
      });
    }
  }
  CHECK(pool.bytes_in_use() == 0);
  CHECK(pool.bytes_in_use_max() > 0);
}

TEST_CASE("the machine has memory", "[runtime][memory]") {
  CHECK(machine_memory_bytes() > std::size_t{1} << 26);
}

}  // namespace sluice
