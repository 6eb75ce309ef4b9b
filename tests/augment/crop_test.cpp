#include <map>

#include "augment/centre_crop.h"
#include "augment/random_crop.h"
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

TEST_CASE("the centre crop leaves the smaller margin left and above", "[augment][crop]") {
  Random random = test::some_random();
  const CentreCrop crop{.side = 256};
  CHECK(crop.draw(random, {341, 256}) == Window{{256, 256}, 42, 0});
  CHECK(crop.draw(random, {256, 341}) == Window{{256, 256}, 0, 42});
  CHECK(crop.draw(random, {257, 259}) == Window{{256, 256}, 0, 1});
}

TEST_CASE("a crop keeps the window's pixels", "[augment][crop]") {
  const std::vector<int> pixels{1,  2,  3,  4,  5,  6,  7,  8,  9,  //
                                11, 12, 13, 14, 15, 16, 17, 18, 19};
  const Window window{{1, 2}, 1, 0};
  const RandomCrop crop{.side = 1};
  CHECK(values(applied(crop, u8_image({3, 2}, pixels), window).view()) ==
        std::vector<float>{4, 5, 6, 14, 15, 16});
  const std::vector<float> same(pixels.begin(), pixels.end());
  CHECK(values(applied(crop, f32_image({3, 2}, same), window).view()) ==
        std::vector<float>{4, 5, 6, 14, 15, 16});
}

TEST_CASE("a crop of the whole image is the image", "[augment][crop]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const int side = GENERATE(1, 17);
  const Image image = noise({side, side}, type);
  CHECK(values(applied(CentreCrop{.side = side}, image).view()) == values(image.view()));
  CHECK(values(applied(RandomCrop{.side = side}, image).view()) == values(image.view()));
}

TEST_CASE("every position of a random crop is equally likely", "[augment][crop]") {
  const RandomCrop crop{.side = 5};
  std::map<std::pair<int, int>, int> counts;
  constexpr int kDraws = 24000;
  for (std::uint32_t sample = 0; sample < kDraws; ++sample) {
    Random random = test::some_random(sample);
    const Window window = crop.draw(random, {8, 10});
    ++counts[{window.left, window.top}];
  }
  REQUIRE(counts.size() == 4 * 6);
  CHECK(counts.begin()->first == std::pair{0, 0});
  CHECK(counts.rbegin()->first == std::pair{3, 5});
  // Chi-square with 23 degrees of freedom: 49.7 is passed once in a thousand.
  double chi_square = 0;
  for (const auto& [place, count] : counts)
    chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  CHECK(chi_square < 49.7);
}

TEST_CASE("a random crop draws its left edge first, then the upper one", "[augment][crop]") {
  Random random = test::some_random(3);
  Random twin = test::some_random(3);
  const Window window = RandomCrop{.side = 224}.draw(random, {341, 256});
  CHECK(window.left == static_cast<int>(twin.below(118)));
  CHECK(window.top == static_cast<int>(twin.below(33)));
  // Nothing to choose is drawn too, so that the next draw keeps its number.
  CHECK(random.bits() == twin.bits());
}

TEST_CASE("an image smaller than the crop is refused in words", "[augment][crop]") {
  CHECK_FALSE(CentreCrop{.side = 256}.refuses({256, 256}));
  CHECK_FALSE(RandomCrop{.side = 1}.refuses({1, 1}));
  CHECK(RandomCrop{.side = 1}.refuses({0, 0}));
  CHECK(CentreCrop{.side = 256}.refuses({400, 255}) ==
        "image of 400x255 is smaller than the crop of 256x256: rescale to a shorter side of at "
        "least 256 first");
}

TEST_CASE("crops refuse a side out of range by name", "[augment][crop]") {
  CHECK_THROWS_WITH(CentreCrop{.side = 0}.check(), Catch::Contains("centre crop: side is 0"));
  CHECK_THROWS_WITH(RandomCrop{.side = -1}.check(), Catch::Contains("random crop: side is -1"));
  CHECK_NOTHROW(RandomCrop{}.check());
  CHECK_NOTHROW(CentreCrop{}.check());
}

TEST_CASE("a window prints itself and maps by its corner", "[augment][crop]") {
  const Window window{{224, 224}, 17, 9};
  CHECK(window.text() == "crop 224x224 at 17,9");
  CHECK(RandomCrop{}.map(window, {256, 256}) == Affine{1, 17, 1, 9});
  CHECK(CentreCrop{}.map(window, {256, 256}) == Affine{1, 17, 1, 9});
}
