// Sharpness and blur.
#include "augment/plain/neighbours.h"

#include <cmath>

#include "augment/blur.h"
#include "augment/sharpness.h"
#include "augment/simd/neighbours.h"
#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::f32_image;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;
using Floats = std::vector<float>;

namespace {

// 0 in all pixels but (x, y).
Image dot(Extent extent, int x, int y, float value) {
  Floats all(static_cast<std::size_t>(extent.pixels()) * 3, 0.0F);
  for (int c = 0; c < 3; ++c) all[static_cast<std::size_t>((y * extent.width + x) * 3 + c)] = value;
  return f32_image(extent, all);
}

float red(const Image& image, int x, int y) { return image.view().f32(y)[x * 3]; }

template <class T>
Floats padded_noise(std::size_t count, std::uint32_t seed) {
  const auto type = std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8;
  return values(noise({static_cast<int>(count / 3 + 3), 1}, type, seed).view());
}

// Exactly as many values as are read.
template <class T>
std::vector<T> some_values(std::size_t count, std::uint32_t seed) {
  const Floats from = padded_noise<T>(count, seed);
  std::vector<T> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<T>(from[i]);
  return result;
}

template <class T>
void check_sharpen(std::size_t count) {
  const auto above = some_values<T>(count + 6, 1), row = some_values<T>(count + 6, 2),
             below = some_values<T>(count + 6, 3);
  std::vector<T> slow(count), fast(count);
  SharpenRow<T> loop{above.data() + 3, row.data() + 3, below.data() + 3, 1.7F,
                     -0.7F / 13,       count,          slow.data()};
  plain::sharpen(loop);
  loop.to = fast.data();
  simd::sharpen(loop);
  CHECK(slow == fast);
}

template <class T>
void check_blur(std::size_t count, int radius) {
  const Floats weights = {0.25F, 0.2F, 0.1F, 0.05F, 0.025F};
  std::vector<std::vector<T>> lines;
  std::vector<const T*> rows;
  for (int k = 0; k < 2 * radius + 1; ++k)
    lines.push_back(some_values<T>(count, static_cast<std::uint32_t>(k)));
  for (const auto& line : lines) rows.push_back(line.data());
  Floats slow(count), fast(count);
  plain::blur(BlurColumns<T>{rows.data(), weights.data(), radius, count, slow.data()});
  simd::blur(BlurColumns<T>{rows.data(), weights.data(), radius, count, fast.data()});
  CHECK(slow == fast);
  const auto side = static_cast<std::size_t>(radius) * 3;
  const auto from = some_values<float>(count + 2 * side, 9);
  std::vector<T> slow_row(count), fast_row(count);
  plain::blur(BlurRow<T>{from.data() + side, weights.data(), radius, count, slow_row.data()});
  simd::blur(BlurRow<T>{from.data() + side, weights.data(), radius, count, fast_row.data()});
  CHECK(slow_row == fast_row);
}

}  // namespace

TEST_CASE("sharpness mixes in the mean of nine, and leaves the edge alone",
          "[augment][sharpness]") {
  const Image image = dot({5, 4}, 2, 1, 130);
  const Image soft = applied(Sharpness{}, image, {0});
  CHECK(red(soft, 2, 1) == Approx(50));
  CHECK(red(soft, 1, 2) == Approx(10));
  CHECK(red(soft, 2, 0) == 0);  // on the edge
  const Image sharp = applied(Sharpness{}, image, {2});
  CHECK(red(sharp, 2, 1) == Approx(210));
  CHECK(red(sharp, 3, 1) == Approx(-10));
  CHECK(values(applied(Sharpness{}, image, {1}).view()) == values(image.view()));
  const Image bytes = u8_image({3, 3}, std::vector<int>(27, 77));
  CHECK(values(applied(Sharpness{}, bytes, {0}).view()) == values(bytes.view()));
}

TEST_CASE("images without an inside are left alone by sharpness", "[augment][sharpness]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Extent extent = GENERATE(Extent{1, 1}, Extent{2, 9}, Extent{9, 2}, Extent{1, 5});
  const Image image = noise(extent, type);
  CHECK(values(applied(Sharpness{}, image, {1.9}).view()) == values(image.view()));
}

TEST_CASE("sharpness factors are drawn evenly", "[augment][sharpness]") {
  const auto factor = [](const Sharpness::Decision& decision) { return decision.factor; };
  CHECK(test::kolmogorov_uniform(test::drawn_values(Sharpness{}, {9, 9}, factor), 0, 2) <
        test::kKolmogorovBound);
  CHECK_NOTHROW(Sharpness{}.check());
  CHECK_THROWS_WITH((Sharpness{.factor = -1}.check()), Catch::Contains("between 0 and 100"));
  CHECK(Sharpness::Decision{1.5}.text() == "sharpness x 1.500");
}

TEST_CASE("a dot is blurred to a Gaussian that keeps its sum", "[augment][blur]") {
  const double sigma = GENERATE(0.4, 1.0, 2.3);
  const Image image = dot({31, 29}, 15, 14, 1000);
  const Image blurred = applied(Blur{}, image, {sigma});
  const auto expected = [&](int away) { return std::exp(-0.5 * away * away / (sigma * sigma)); };
  for (int y = 11; y < 18; ++y)
    for (int x = 12; x < 19; ++x)
      CHECK(
          red(blurred, x, y) / red(blurred, 15, 14) ==
          Approx(std::abs(x - 15) > std::ceil(3 * sigma) || std::abs(y - 14) > std::ceil(3 * sigma)
                     ? 0
                     : expected(x - 15) * expected(y - 14))
              .epsilon(1e-4));
  double sum = 0;
  for (const float value : values(blurred.view())) sum += static_cast<double>(value) / 3;
  CHECK(sum == Approx(1000).epsilon(1e-4));
}

TEST_CASE("an image of one colour stays so, whatever its size", "[augment][blur]") {
  const Extent extent =
      GENERATE(Extent{1, 1}, Extent{2, 1}, Extent{1, 3}, Extent{4, 4}, Extent{40, 3});
  const Image image =
      u8_image(extent, std::vector<int>(static_cast<std::size_t>(extent.pixels()) * 3, 201));
  CHECK(values(applied(Blur{}, image, {4.0}).view()) == values(image.view()));
  CHECK(values(applied(Blur{}, image, {0}).view()) == values(image.view()));
}

TEST_CASE("beyond the edge the image goes on mirrored about its last pixel", "[augment][blur]") {
  // Row 100 0 0 0; sigma .5: weights w0, w1, w2 about .7866, .1065, .0003.
  const Image image = dot({4, 1}, 1, 0, 100);
  const Image blurred = applied(Blur{}, image, {0.5});
  const double w1 = std::exp(-2.0), w2 = std::exp(-8.0), sum = 1 + 2 * w1 + 2 * w2;
  CHECK(red(blurred, 0, 0) == Approx(100 * 2 * w1 / sum));    // pixel 1 stands on both sides
  CHECK(red(blurred, 1, 0) == Approx(100 * (1 + w2) / sum));  // and once more two to the left
}

TEST_CASE("blurs are drawn evenly", "[augment][blur]") {
  const auto sigma = [](const Blur::Decision& decision) { return decision.sigma; };
  CHECK(test::kolmogorov_uniform(test::drawn_values(Blur{}, {9, 9}, sigma), 0.1, 2) <
        test::kKolmogorovBound);
  CHECK_NOTHROW(Blur{}.check());
  CHECK_THROWS_WITH((Blur{.sigma_to = 31}.check()), Catch::Contains("between 0 and 30"));
  CHECK(Blur::Decision{1.2}.text() == "blur of 1.20 pixels");
}

TEST_CASE("the fast rows of sharpness and blur have the bits of the plain ones",
          "[augment][twins]") {
  test::on_every_target([&](const char* target) {
    for (const std::size_t count :
         {0U, 1U, 3U, 4U, 8U, 15U, 16U, 17U, 31U, 33U, 63U, 64U, 65U, 100U, 301U}) {
      CAPTURE(target, count);
      check_sharpen<std::uint8_t>(count);
      check_sharpen<float>(count);
      for (const int radius : {0, 1, 4}) {
        CAPTURE(radius);
        check_blur<std::uint8_t>(count, radius);
        check_blur<float>(count, radius);
      }
    }
  });
}
