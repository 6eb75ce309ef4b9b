#include "tests/augment/golden.h"

#include <array>
#include <fstream>

#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;

namespace {

// One line or record of the golden files (make_golden.py).
struct Case {
  Extent from;
  Extent to;
  std::int32_t seed = 0;
};

std::vector<std::uint8_t> resized(const Case& c) {
  const Image from = test::golden_input(c.from, c.seed);
  Image to(c.to, PixelType::u8);
  test::antialiased(from, to);
  return test::bytes_of(to);
}

}  // namespace

TEST_CASE("the antialiased resize has Pillow's bytes", "[augment][rescale][golden]") {
  std::ifstream file(test::golden("pillow_bilinear.bin"), std::ios::binary);
  REQUIRE(file.good());
  int cases = 0;
  std::array<std::int32_t, 5> head{};
  while (file.read(reinterpret_cast<char*>(head.data()), sizeof head)) {
    const Case c{{head[0], head[1]}, {head[2], head[3]}, head[4]};
    CAPTURE(c.from.width, c.from.height, c.to.width, c.to.height);
    std::vector<std::uint8_t> expected(image_bytes(c.to, PixelType::u8));
    file.read(reinterpret_cast<char*>(expected.data()), std::ssize(expected));
    CHECK(resized(c) == expected);
    ++cases;
  }
  CHECK(cases == 10);
}

TEST_CASE("the antialiased resize has Pillow's bytes on larger images",
          "[augment][rescale][golden]") {
  std::ifstream file(test::golden("pillow_bilinear.txt"));
  REQUIRE(file.good());
  int cases = 0;
  Case c;
  std::uint64_t expected = 0;
  while (file >> std::dec >> c.from.width >> c.from.height >> c.to.width >> c.to.height >> c.seed >>
         std::hex >> expected) {
    CAPTURE(c.from.width, c.from.height, c.to.width, c.to.height);
    CHECK(test::fnv1a(resized(c)) == expected);
    ++cases;
  }
  CHECK(cases == 7);
}
