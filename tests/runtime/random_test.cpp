#include "runtime/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/net/dropout_mask.h"
#include "tests/support/catch.h"

namespace sluice {

// Vectors published with Random123 (file kat_vectors, philox4x32, 10 rounds).
TEST_CASE("philox gives the published vectors", "[runtime][random]") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

// Published for 32-bit FNV-1a: the empty string gives the offset basis, "a" e40c292c.
TEST_CASE("streams are named by FNV-1a", "[runtime][random]") {
  CHECK(stream_id("") == 0x811c9dc5U);
  CHECK(stream_id("a") == 0xe40c292cU);
  CHECK(stream_id("augment/flip") == 0x96b1c1f6U);
  CHECK(stream_id("start/conv1") == 0x715d9a35U);
  CHECK(stream_id("dropout/fc6") == 0x74992340U);
}

// Computed with a separate implementation. Changing them changes every run there ever was.
TEST_CASE("the layout of key and counter is frozen", "[runtime][random]") {
  const RandomKey key{
      .seed = 0x0123456789abcdef, .epoch = 7, .sample = 42, .stream = stream_id("augment/flip")};
  CHECK(philox_block(key, 0) == PhiloxCounter{0xab23f6ba, 0x1619bebb, 0x983bacde, 0xb3c81a06});
  CHECK(philox_block(key, 1) == PhiloxCounter{0xc08aa58d, 0x8042213e, 0x1f682e21, 0xba09f5b5});

  Random random(key);
  CHECK(random.bits() == 0x1619bebbab23f6baU);
  CHECK(random.uniform() == 0x1.0084427d81154p-1);
  CHECK(random.below(1000) == 655);
  CHECK(random.normal() == Approx(-0.6689376999183945).epsilon(1e-12));
}

TEST_CASE("askers that differ in one field draw different numbers", "[runtime][random]") {
  const RandomKey key{.seed = 1, .epoch = 2, .sample = 3, .stream = 4};
  std::vector<RandomKey> others(5, key);
  others[0].seed += 1;
  others[1].seed += std::uint64_t{1} << 32;
  others[2].epoch += 1;
  others[3].sample += 1;
  others[4].stream += 1;
  for (const RandomKey& other : others) {
    CHECK(Random(other).bits() != Random(key).bits());
  }
  CHECK(Random(key).bits() == Random(key).bits());
}

TEST_CASE("the upper half of a product is exact", "[runtime][random]") {
  const std::uint64_t all = ~std::uint64_t{0};
  CHECK(high_product(all, all) == all - 1);
  CHECK(high_product(std::uint64_t{1} << 63, 6) == 3);
  CHECK(high_product(0x123456789abcdef0, 0) == 0);
  CHECK(high_product(0xfedcba9876543210, 0x0123456789abcdef) == 0x121fa00ad77d742U);
}

TEST_CASE("uniform and normal numbers have the moments they promise", "[runtime][random]") {
  Random random({.seed = 9});
  const int count = 200000;
  double uniform = 0.0, normal = 0.0, square = 0.0;
  for (int i = 0; i < count; ++i) {
    const double u = random.uniform();
    const double n = random.normal();
    REQUIRE((u >= 0.0 && u < 1.0));
    uniform += u / count;
    normal += n / count;
    square += n * n / count;
  }
  // Five standard errors.
  CHECK(std::abs(uniform - 0.5) < 5.0 * std::sqrt(1.0 / 12.0 / count));
  CHECK(std::abs(normal) < 5.0 / std::sqrt(count));
  CHECK(std::abs(square - 1.0) < 5.0 * std::sqrt(2.0 / count));
}

TEST_CASE("below reaches every value and none beyond", "[runtime][random]") {
  Random random({.seed = 2});
  std::vector<int> seen(7);
  for (int i = 0; i < 7000; ++i) seen.at(random.below(7)) += 1;
  for (const int times : seen) CHECK(std::abs(times - 1000) < 150);
}

// Computed with a separate implementation.
TEST_CASE("the dropout mask is frozen", "[runtime][random]") {
  const DropoutKey key{.seed = 5, .step = 3, .stream = dropout_stream("fc6")};
  std::vector<std::uint8_t> kept(11);
  dropout_mask(key, 0.5, 9, kept);
  CHECK(kept == std::vector<std::uint8_t>{1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1});
}

TEST_CASE("a dropout mask drops the share it is asked for", "[runtime][random]") {
  const DropoutKey key{.seed = 1, .step = 1, .stream = dropout_stream("fc7")};
  std::vector<std::uint8_t> kept(100000);
  dropout_mask(key, 0.25, 0, kept);
  CHECK(std::abs(static_cast<double>(std::ranges::count(kept, 0)) - 25000.0) < 5.0 * 137.0);
  dropout_mask(key, 0.0, 0, kept);
  CHECK(std::ranges::count(kept, 0) == 0);
}

}  // namespace sluice
