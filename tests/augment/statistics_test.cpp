#include "augment/statistics.h"

#include <algorithm>

#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;

namespace {

std::vector<Image> images_of(std::vector<Extent> extents) {
  std::vector<Image> images;
  std::uint32_t seed = 0;
  for (const Extent extent : extents) images.push_back(noise(extent, PixelType::u8, ++seed));
  return images;
}

// Sums the images in `order`, one sum every `each` images, then merges the sums from the back.
Statistics summed(const std::vector<Image>& images, const std::vector<std::size_t>& order,
                  std::size_t each) {
  std::vector<StatisticsSum> sums(1);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i % each == 0) sums.emplace_back();
    sums.back().add(images[order[i]].view());
  }
  StatisticsSum all;
  for (auto sum = sums.rbegin(); sum != sums.rend(); ++sum) all.merge(*sum);
  return all.finish();
}

}  // namespace

TEST_CASE("statistics of two pixels can be checked by hand", "[augment][statistics]") {
  StatisticsSum sum;
  sum.add(u8_image({2, 1}, {0, 10, 255, 4, 10, 253}).view());
  const Statistics found = sum.finish();
  CHECK(found.images == 1);
  CHECK(found.mean_rgb == std::array<double, 3>{2, 10, 254});
  CHECK(found.covariance[0] == std::array<double, 3>{4, 0, -2});
  CHECK(found.covariance[1] == std::array<double, 3>{0, 0, 0});
  CHECK(found.covariance[2] == std::array<double, 3>{-2, 0, 1});
  CHECK(found.mean_extent == Extent{2, 1});
  CHECK(found.mean_image == std::vector<float>{0, 10, 255, 4, 10, 253});
}

TEST_CASE("statistics agree with plain sums in double", "[augment][statistics]") {
  const std::vector<Image> images = images_of({{31, 9}, {5000, 2}, {1, 1}, {8, 300}});
  StatisticsSum sum;
  std::vector<float> all;
  for (const Image& image : images) {
    sum.add(image.view());
    const std::vector<float> more = values(image.view());
    all.insert(all.end(), more.begin(), more.end());
  }
  const Statistics found = sum.finish();
  const double pixels = static_cast<double>(all.size()) / 3;
  std::array<double, 3> mean{};
  for (std::size_t i = 0; i < all.size(); ++i) mean[i % 3] += static_cast<double>(all[i]) / pixels;
  std::array<std::array<double, 3>, 3> covariance{};
  for (std::size_t i = 0; i < all.size(); i += 3)
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c)
        covariance[r][c] += (static_cast<double>(all[i + r]) - mean[r]) *
                            (static_cast<double>(all[i + c]) - mean[c]) / pixels;
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(found.mean_rgb[r] == Approx(mean[r]).epsilon(1e-9));
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(found.covariance[r][c] == Approx(covariance[r][c]).epsilon(1e-8).margin(1e-6));
  }
  CHECK(found.images == 4);
  CHECK(found.mean_image.empty());
  CHECK(found.mean_extent == Extent{});
}

TEST_CASE("statistics have the same bits in any order and partition", "[augment][statistics]") {
  const bool one_size = GENERATE(true, false);
  std::vector<Extent> extents(7, Extent{6, 5});
  if (!one_size) extents[3] = {5, 6};
  const std::vector<Image> images = images_of(extents);
  std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6};
  const Statistics expected = summed(images, order, 7);
  CHECK(expected.mean_image.size() == (one_size ? 6U * 5U * 3U : 0U));
  Random random = test::some_random();
  for (int round = 0; round < 50; ++round) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    CHECK(summed(images, order, 1 + random.below(7)) == expected);
  }
}

TEST_CASE("the mean image is the mean at each position", "[augment][statistics]") {
  const std::vector<Image> images = images_of({{4, 3}, {4, 3}, {4, 3}});
  StatisticsSum sum;
  for (const Image& image : images) sum.add(image.view());
  const Statistics found = sum.finish();
  REQUIRE(found.mean_image.size() == 36);
  for (std::size_t i = 0; i < 36; ++i) {
    double mean = 0;
    for (const Image& image : images) mean += static_cast<double>(values(image.view())[i]) / 3;
    CHECK(found.mean_image[i] == Approx(mean));
  }
}

TEST_CASE("large images have no mean image, in any order", "[augment][statistics]") {
  Image large({1025, 1024}, PixelType::u8);
  std::fill_n(large.view().u8(0), image_bytes(large.extent(), PixelType::u8), std::uint8_t{255});
  const Image small = u8_image({1, 1}, {0, 0, 0});
  StatisticsSum alone;
  alone.add(large.view());
  CHECK(alone.finish().mean_image.empty());
  CHECK(alone.finish().mean_rgb == std::array<double, 3>{255, 255, 255});
  StatisticsSum first = alone;
  first.add(small.view());
  StatisticsSum second;
  second.add(small.view());
  second.merge(alone);
  CHECK(first.finish() == second.finish());
}

TEST_CASE("statistics without images or of floats are refused", "[augment][statistics]") {
  CHECK_THROWS_WITH(StatisticsSum{}.finish(), Catch::Contains("at least one good image"));
  StatisticsSum sum;
  CHECK_THROWS_WITH(sum.add(noise({2, 2}, PixelType::f32).view()), Catch::Contains("must be u8"));
  CHECK(sum.images() == 0);
}
