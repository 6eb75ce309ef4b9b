#include "augment/pad.h"

#include "augment/store.h"
#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::f32_image;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;

TEST_CASE("a border of zeros lies around every pixel of the image", "[augment][pad]") {
  const std::vector<int> pixels{1, 2, 3, 4, 5, 6};
  const std::vector<float> bordered{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                    0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0,  //
                                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const Pad pad{.pixels = 1};
  const Image u8 = applied(pad, u8_image({2, 1}, pixels));
  CHECK(u8.extent() == Extent{4, 3});
  CHECK(u8.type() == PixelType::u8);
  CHECK(values(u8.view()) == bordered);
  const std::vector<float> same(pixels.begin(), pixels.end());
  CHECK(values(applied(pad, f32_image({2, 1}, same)).view()) == bordered);
}

TEST_CASE("a border of no pixels leaves the image as it is", "[augment][pad]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = noise({5, 3}, type);
  CHECK(values(applied(Pad{.pixels = 0}, image).view()) == values(image.view()));
}

TEST_CASE("a border maps by its width and refuses a negative one by name", "[augment][pad]") {
  CHECK(Pad{.pixels = 2}.map({}, {28, 28}) == Affine{1, -2, 1, -2});
  CHECK_THROWS_WITH(Pad{.pixels = -1}.check(), Catch::Contains("pad: pixels is -1"));
  CHECK_THROWS_WITH(Pad{.pixels = 1025}.check(), Catch::Contains("0 to 1024"));
  CHECK_NOTHROW(Pad{}.check());
}

TEST_CASE("a row of one channel holds the first of the image", "[augment][store]") {
  std::vector<float> row(2);
  store_first_channel(u8_image({2, 1}, {1, 2, 3, 4, 5, 6}).view(), row);
  CHECK(row == std::vector<float>{1, 4});
  store_first_channel(f32_image({1, 2}, {-0.5F, 2, 3, 1.25F, 5, 6}).view(), row);
  CHECK(row == std::vector<float>{-0.5F, 1.25F});
}
