#include "augment/rescale.h"

#include <algorithm>
#include <cmath>

#include "augment/taps.h"
#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::antialiased;
using sluice::test::applied;
using sluice::test::bilinear;
using sluice::test::f32_image;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;

namespace {

Extent rescaled(int side, Extent before) {
  const Rescale rescale{.side = side};
  Random random = test::some_random();
  return rescale.extent_after(rescale.draw(random, before), before);
}

// The definition, in double: a triangle as wide as the scale along one axis.
double triangle_sum(const std::vector<float>& line, double scale, int output) {
  const double support = std::max(1.0, scale);
  const double centre = (output + 0.5) * scale;
  double sum = 0;
  double weights = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const double weight =
        std::max(0.0, 1 - std::abs((static_cast<double>(i) + 0.5 - centre) / support));
    sum += weight * static_cast<double>(line[i]);
    weights += weight;
  }
  return sum / weights;
}

// One channel of one row (or column) of an image.
std::vector<float> line(const Image& image, int c, int fixed, bool along_x) {
  std::vector<float> result;
  const int length = along_x ? image.extent().width : image.extent().height;
  for (int i = 0; i < length; ++i)
    result.push_back(along_x ? image.view().f32(fixed)[i * 3 + c]
                             : image.view().f32(i)[fixed * 3 + c]);
  return result;
}

}  // namespace

TEST_CASE("rescaling gives the shorter side its length and truncates the longer one",
          "[augment][rescale]") {
  CHECK(rescaled(256, {500, 375}) == Extent{341, 256});
  CHECK(rescaled(256, {375, 500}) == Extent{256, 341});
  CHECK(rescaled(256, {200, 180}) == Extent{284, 256});
  CHECK(rescaled(256, {256, 300}) == Extent{256, 300});
  CHECK(rescaled(256, {1, 1000}) == Extent{256, 256000});
  CHECK(rescaled(256, {65500, 1}) == Extent{16768000, 256});
  CHECK(rescaled(1, {1, 1}) == Extent{1, 1});
  CHECK(rescaled(256, {0, 0}) == Extent{0, 0});
  CHECK(rescaled(16384, {1, 2'000'000'000}).height == 2147483647);
}

TEST_CASE("the antialiased resize of four pixels to two is the triangle's sum",
          "[augment][rescale]") {
  // Weights of pixel 0: 3, 3, 1 of 7 (the fourth part of the triangle lies outside).
  const Image from = u8_image({4, 1}, {0, 7, 70, 7, 7, 70, 28, 7, 70, 0, 7, 70});
  Image to({2, 1}, PixelType::u8);
  antialiased(from, to);
  CHECK(values(to.view()) == std::vector<float>{7, 7, 70, 13, 7, 70});
}

TEST_CASE("enlarging two pixels to four mixes a quarter and three quarters", "[augment][rescale]") {
  const Image from = u8_image({2, 1}, {0, 100, 255, 100, 0, 255});
  Image to({4, 1}, PixelType::u8);
  const std::vector<float> expected{0, 100, 255, 25, 75, 255, 75, 25, 255, 100, 0, 255};
  SECTION("antialiased") {
    antialiased(from, to);
    CHECK(values(to.view()) == expected);
  }
  SECTION("plain") {
    bilinear(from, to);
    CHECK(values(to.view()) == expected);
  }
}

TEST_CASE("plain bilinear looks at the four nearest pixels only", "[augment][rescale]") {
  // 6 -> 2: sampled at 1.0 and 4.0, exactly on pixels 1 and 4.
  const Image from = f32_image({6, 1}, {0, 0, 0, 9, 8, 7, 0, 0, 0, 0, 0, 0, -5, 4, 3, 0, 0, 0});
  Image to({2, 1}, PixelType::f32);
  bilinear(from, to);
  CHECK(values(to.view()) == std::vector<float>{9, 8, 7, -5, 4, 3});
}

TEST_CASE("plain bilinear rounds halves up", "[augment][rescale]") {
  const Image from = u8_image({2, 1}, {0, 1, 10, 1, 2, 13});
  Image to({1, 1}, PixelType::u8);
  bilinear(from, to);
  CHECK(values(to.view()) == std::vector<float>{1, 2, 12});
}

TEST_CASE("the antialiased resize of floats is the separable triangle in double",
          "[augment][rescale]") {
  const Extent after = GENERATE(Extent{13, 9}, Extent{40, 31}, Extent{7, 30}, Extent{1, 1});
  const Image from = noise({29, 17}, PixelType::f32);
  Image to(after, PixelType::f32);
  antialiased(from, to);
  Image between({after.width, 17}, PixelType::f32);
  for (int y = 0; y < 17; ++y)
    for (int x = 0; x < after.width; ++x)
      for (int c = 0; c < 3; ++c)
        between.view().f32(y)[x * 3 + c] =
            static_cast<float>(triangle_sum(line(from, c, y, true), 29.0 / after.width, x));
  double worst = 0;
  for (int y = 0; y < after.height; ++y)
    for (int x = 0; x < after.width; ++x)
      for (int c = 0; c < 3; ++c) {
        const double expected = triangle_sum(line(between, c, x, false), 17.0 / after.height, y);
        worst =
            std::max(worst, std::abs(expected - static_cast<double>(to.view().f32(y)[x * 3 + c])));
      }
  CHECK(worst < 1e-3);
}

TEST_CASE("an image of one colour keeps it at any size", "[augment][rescale]") {
  const Filter filter = GENERATE(Filter::antialias, Filter::bilinear);
  const Extent extent =
      GENERATE(Extent{1, 1}, Extent{1, 40}, Extent{40, 1}, Extent{301, 97}, Extent{5, 4});
  Image from(extent, PixelType::u8);
  for (std::int64_t i = 0; i < extent.pixels(); ++i) {
    std::uint8_t* pixel = from.view().u8(0) + i * 3;
    pixel[0] = 255, pixel[1] = 0, pixel[2] = 127;
  }
  const Image to = applied(Rescale{.side = 12, .filter = filter}, from);
  bool kept = true;
  for (std::int64_t i = 0; i < to.extent().pixels(); ++i) {
    const std::uint8_t* pixel = to.view().u8(0) + i * 3;
    kept = kept && pixel[0] == 255 && pixel[1] == 0 && pixel[2] == 127;
  }
  CHECK(std::min(to.extent().width, to.extent().height) == 12);
  CHECK(kept);
}

TEST_CASE("an image that has its size already is copied", "[augment][rescale]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Image from = noise({30, 20}, type);
  const Rescale rescale{.side = 20};
  CHECK(values(applied(rescale, from).view()) == values(from.view()));
  CHECK(rescale.scratch_bytes({from.extent()}, from.extent(), type) == 0);
}

TEST_CASE("a one pixel wide image of a thousand rows fits 256 columns", "[augment][rescale]") {
  const Image from = noise({1, 1000}, PixelType::u8);
  const Image to = applied(Rescale{}, from);
  REQUIRE(to.extent() == Extent{256, 256000});
  // Both ends lie beyond the outer pixels' centres.
  CHECK(to.view().u8(0)[255 * 3] == from.view().u8(0)[0]);
  CHECK(to.view().u8(255999)[0] == from.view().u8(999)[0]);
}

TEST_CASE("weights sum to one and lie inside the image", "[augment][rescale]") {
  const int in = GENERATE(1, 2, 7, 256, 1000);
  const int out = GENERATE(1, 3, 224, 999);
  const test::Scratch scratch(taps_bytes(whole_axis(in, out)));
  const Taps<std::int32_t> taps = fixed_taps(whole_axis(in, out), scratch.bytes());
  for (std::size_t x = 0; x < taps.ranges.size(); ++x) {
    const TapRange range = taps.ranges[x];
    std::int64_t sum = 0;
    for (int i = 0; i < range.count; ++i) sum += taps.of(x)[i];
    REQUIRE((range.first >= 0 && range.count >= 1 && range.first + range.count <= in));
    REQUIRE(static_cast<std::size_t>(range.count) <= taps.stride);
    REQUIRE(std::abs(sum - (1 << kWeightBits)) <= range.count);
  }
}

TEST_CASE("the scratch covers a band of rows between the passes", "[augment][rescale]") {
  const Rescale rescale;
  const Rescale::Decision decision{{341, 256}};
  const std::size_t band = image_bytes({341, 64 + 5}, PixelType::u8);
  const std::size_t turned_rows = 16 * 500 * 3;
  const std::size_t bytes = rescale.scratch_bytes(decision, {500, 375}, PixelType::u8);
  CHECK(bytes > band + turned_rows);
  CHECK(bytes < band + turned_rows + (341 + 256) * 32);
  CHECK(rescale.scratch_bytes(decision, {500, 375}, PixelType::f32) ==
        bytes + 3 * band - turned_rows);
  // Two rows of sixteen-bit values, and what says how they are made.
  const Rescale plain{.filter = Filter::bilinear};
  const std::size_t of_bytes = plain.scratch_bytes(decision, {500, 375}, PixelType::u8);
  CHECK(of_bytes > 341 * 12);
  CHECK(of_bytes < 341 * 12 + 64 * 2 + 341 * 24);
  CHECK(plain.scratch_bytes(decision, {500, 375}, PixelType::f32) == 341 * 12);
}

TEST_CASE("rescale's map carries the corners of the output to those of the input",
          "[augment][rescale]") {
  const Affine map = Rescale{}.map({{341, 256}}, {500, 375});
  CHECK(map({0, 0}).x == 0);
  CHECK(map({341, 256}).x == Approx(500));
  CHECK(map({341, 256}).y == Approx(375));
  CHECK(Rescale::Decision{{341, 256}}.text() == "rescale to 341x256");
}

TEST_CASE("rescale refuses a side out of range by name", "[augment][rescale]") {
  const int side = GENERATE(0, -3, 16385);
  CHECK_THROWS_AS(Rescale{.side = side}.check(), Error);
  CHECK_THROWS_WITH(Rescale{.side = side}.check(),
                    Catch::Contains("rescale: side is " + std::to_string(side)) &&
                        Catch::Contains("between 1 and 16384"));
  CHECK_NOTHROW(Rescale{}.check());
}

TEST_CASE("both passes in bands are one pass after the other", "[augment][rescale]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const auto [before, after] = GENERATE(table<Extent, Extent>({{{30, 300}, {20, 200}},
                                                               {{30, 300}, {41, 301}},
                                                               {{20, 700}, {3, 5}},
                                                               {{9, 65}, {8, 64}},
                                                               {{7, 64}, {8, 1}},
                                                               {{5, 1}, {3, 200}}}));
  const Image from = noise(before, type);
  Image between({after.width, before.height}, type);
  Image expected(after, type);
  Image to(after, type);
  antialiased(from, between);
  antialiased(between, expected);
  antialiased(from, to);
  CAPTURE(before.width, before.height, after.width, after.height);
  CHECK(values(to.view()) == values(expected.view()));
}
