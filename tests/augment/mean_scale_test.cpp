#include <cmath>

#include "augment/mean_image.h"
#include "augment/mean_rgb.h"
#include "augment/scale.h"
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

TEST_CASE("the mean colour is subtracted from every pixel", "[augment][mean]") {
  const MeanRgb mean{.mean = {100, 50.5, 0}};
  const std::vector<float> expected{-100, 49.5, 200, 155, 204.5, 255};
  CHECK(values(applied(mean, u8_image({2, 1}, {0, 100, 200, 255, 255, 255})).view()) == expected);
  CHECK(values(applied(mean, f32_image({2, 1}, {0, 100, 200, 255, 255, 255})).view()) == expected);
  CHECK(mean.affine({})({0, 100, 200}) == Rgb{-100, 49.5F, 200});
}

TEST_CASE("the authors' means are named", "[augment][mean]") {
  CHECK(alexnet_authors_mean() == std::array<double, 3>{127.30, 119.72, 104.91});
  CHECK(vgg_authors_mean() == std::array<double, 3>{123.68, 116.78, 103.94});
  CHECK_NOTHROW(MeanRgb{.mean = alexnet_authors_mean()}.check());
  const MeanRgb wrong{.mean = {0, 300, 0}};
  CHECK_THROWS_WITH(wrong.check(), Catch::Contains("a channel is 300"));
}

TEST_CASE("the mean image is subtracted position by position", "[augment][mean]") {
  Statistics statistics;
  statistics.mean_extent = {2, 1};
  statistics.mean_image = {1, 2, 3, 4.5, 5, 6};
  const MeanImage mean = mean_image_of(statistics);
  mean.check();
  const std::vector<float> expected{9, 8, 7, 5.5, 5, 4};
  CHECK(values(applied(mean, u8_image({2, 1}, {10, 10, 10, 10, 10, 10})).view()) == expected);
  CHECK(values(applied(mean, f32_image({2, 1}, {10, 10, 10, 10, 10, 10})).view()) == expected);
}

TEST_CASE("a mean image takes images of its own size only", "[augment][mean]") {
  Statistics statistics;
  statistics.mean_extent = {2, 1};
  statistics.mean_image.resize(6);
  const MeanImage mean = mean_image_of(statistics);
  CHECK_FALSE(mean.refuses({2, 1}));
  CHECK(mean.refuses({1, 2}) ==
        "image of 1x2 does not fit the mean image of 2x1: crop to 2x1 first");
  statistics.mean_extent = {3, 1};
  CHECK_THROWS_WITH(mean_image_of(statistics).check(), Catch::Contains("6 values for 3x1"));
  CHECK_THROWS_WITH(mean_image_of({}).check(), Catch::Contains("there is none"));
  CHECK_THROWS_WITH(MeanImage{}.check(), Catch::Contains("there is none"));
}

TEST_CASE("scale divides exactly", "[augment][scale]") {
  const Scale scale{.divisor = 58};
  const Image image = noise({7, 3}, PixelType::f32);
  const std::vector<float> before = values(image.view());
  const std::vector<float> after = values(applied(scale, image).view());
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == before[i] / 58.0F);
  CHECK(values(applied(Scale{.divisor = 255}, u8_image({1, 1}, {0, 51, 255})).view()) ==
        std::vector<float>{0, 51.0F / 255.0F, 1});
  CHECK(scale.affine({})({58, 0, -29})[0] == Approx(1));
}

TEST_CASE("scale divides each channel by its own deviation", "[augment][scale]") {
  const Scale scale{.divisor = 2, .deviations = {50, 25, 12.5}};
  CHECK(values(applied(scale, u8_image({1, 1}, {100, 100, 100})).view()) ==
        std::vector<float>{1, 2, 4});
  CHECK(scale.affine({})({100, 100, 100})[2] == Approx(4));
  CHECK_THROWS_WITH((Scale{.divisor = 1, .deviations = {1, 0, 1}}.check()),
                    Catch::Contains("a channel's deviation is 0"));
}

TEST_CASE("scale refuses a divisor that is not above zero", "[augment][scale]") {
  const double divisor = GENERATE(0.0, -1.0, static_cast<double>(NAN), 1e-60, 1e60);
  CHECK_THROWS_WITH(Scale{.divisor = divisor}.check(), Catch::Contains("scale: divisor is"));
  CHECK_NOTHROW(Scale{}.check());
  CHECK_FALSE(NoDecision{}.text().empty());
}

TEST_CASE("a stored row holds the image's values in order", "[augment][store]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = noise({5, 3}, type);
  std::vector<float> row(5 * 3 * 3, -1);
  store_row(image.view(), row);
  CHECK(row == values(image.view()));
}
