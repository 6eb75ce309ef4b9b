#include "augment/flip.h"

#include <cmath>
#include <limits>

#include "augment/random_crop.h"
#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;

TEST_CASE("a flip reverses the pixels of every row, not their channels", "[augment][flip]") {
  const Image image = u8_image({3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9,  //
                                        11, 12, 13, 14, 15, 16, 17, 18, 19});
  CHECK(values(applied(Flip{}, image, {Mirror::yes}).view()) ==
        std::vector<float>{7, 8, 9, 4, 5, 6, 1, 2, 3,  //
                           17, 18, 19, 14, 15, 16, 11, 12, 13});
  CHECK(values(applied(Flip{}, image, {Mirror::no}).view()) == values(image.view()));
}

TEST_CASE("two flips give the image back", "[augment][flip]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Extent extent = GENERATE(Extent{1, 1}, Extent{1, 7}, Extent{8, 1}, Extent{33, 5});
  const Image image = noise(extent, type);
  const Image once = applied(Flip{}, image, {Mirror::yes});
  CHECK(values(applied(Flip{}, once, {Mirror::yes}).view()) == values(image.view()));
}

TEST_CASE("flips come as often as their probability says", "[augment][flip]") {
  const double probability = GENERATE(0.0, 0.25, 0.5, 1.0);
  const Flip flip{.probability = probability};
  constexpr int kDraws = 20000;
  int mirrored = 0;
  for (std::uint32_t sample = 0; sample < kDraws; ++sample) {
    Random random = test::some_random(sample);
    mirrored += flip.draw(random, {9, 9}).mirror == Mirror::yes ? 1 : 0;
  }
  const double deviation = std::sqrt(kDraws * probability * (1 - probability));
  CHECK(std::abs(mirrored - kDraws * probability) <= 4 * deviation);
}

TEST_CASE("the chained map of crop and flip finds every pixel's origin", "[augment][flip]") {
  const Image image = noise({12, 10}, PixelType::u8);
  const RandomCrop crop{.side = 6};
  const Flip flip;
  const Window window{{6, 6}, 4, 3};
  const Flip::Decision mirror{Mirror::yes};
  const Image end = applied(flip, applied(crop, image, window), mirror);
  const Affine map = chained(crop.map(window, {12, 10}), flip.map(mirror, {6, 6}));
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 6; ++x) {
      const Position origin = map({x + 0.5, y + 0.5});
      const auto from_x = static_cast<int>(std::floor(origin.x));
      const auto from_y = static_cast<int>(std::floor(origin.y));
      CHECK(end.view().u8(y)[x * 3 + 1] == image.view().u8(from_y)[from_x * 3 + 1]);
    }
  CHECK(flip.map({Mirror::no}, {6, 6}) == Affine{});
}

TEST_CASE("flip refuses what is no probability, and prints its decision", "[augment][flip]") {
  const double probability = GENERATE(-0.1, 1.5, std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_WITH(Flip{.probability = probability}.check(),
                    Catch::Contains("flip: probability is") && Catch::Contains("between 0 and 1"));
  CHECK_NOTHROW(Flip{}.check());
  CHECK(Flip::Decision{Mirror::yes}.text() == "mirrored");
  CHECK(Flip::Decision{Mirror::no}.text() == "not mirrored");
}
