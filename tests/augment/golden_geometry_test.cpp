#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "augment/resize.h"
#include "augment/warp.h"
#include "tests/augment/golden.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;

TEST_CASE("bicubic and Lanczos have Pillow's bytes", "[augment][rescale][golden]") {
  std::ifstream file(test::golden("pillow_filters.txt"));
  REQUIRE(file.good());
  std::string name;
  Extent from, to;
  std::int32_t seed = 0;
  std::uint64_t expected = 0;
  int cases = 0;
  while (file >> name >> std::dec >> from.width >> from.height >> to.width >> to.height >> seed >>
         std::hex >> expected) {
    CAPTURE(name, from.width, from.height, to.width, to.height);
    const Resize resize{.to = to, .filter = name == "bicubic" ? Filter::bicubic : Filter::lanczos};
    const Image image = test::applied(resize, test::golden_input(from, seed));
    CHECK(test::fnv1a(test::bytes_of(image)) == expected);
    ++cases;
  }
  CHECK(cases == 18);
}

TEST_CASE("warps are Pillow's, rounded where it cuts", "[augment][warp][golden]") {
  std::ifstream file(test::golden("pillow_warps.bin"), std::ios::binary);
  REQUIRE(file.good());
  std::array<std::int32_t, 3> head{};
  std::array<double, 8> m{};
  int cases = 0;
  while (file.read(reinterpret_cast<char*>(head.data()), sizeof head)) {
    file.read(reinterpret_cast<char*>(m.data()), sizeof m);
    const Image from = test::golden_input({head[0], head[1]}, head[2]);
    std::vector<std::uint8_t> expected(image_bytes(from.extent(), PixelType::u8));
    file.read(reinterpret_cast<char*>(expected.data()), std::ssize(expected));
    Image to(from.extent(), PixelType::u8);
    if (m[6] == 0 && m[7] == 0)
      warp(all_of(from.view()), all_of(to.view()), PlaneMap{m[0], m[1], m[2], m[3], m[4], m[5]},
           Canvas{});
    else
      warp(all_of(from.view()), all_of(to.view()),
           Projection{m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]}, Canvas{});
    const auto ours = test::bytes_of(to);
    int below = 0, above = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      above = std::max(above, ours[i] - expected[i]);
      below = std::max(below, expected[i] - ours[i]);
    }
    CAPTURE(cases);
    CHECK(above <= 1);
    CHECK(below <= 1);
    ++cases;
  }
  CHECK(cases == 5);
}
