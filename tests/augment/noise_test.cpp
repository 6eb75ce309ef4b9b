// Noise and impulse, and the random words that they are made of.
#include "augment/noise.h"

#include <cmath>

#include "augment/impulse.h"
#include "augment/normal.h"
#include "augment/plain/noise.h"
#include "augment/random_words.h"
#include "augment/simd/noise.h"
#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"
#include "tests/support/every_target.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::values;
using Floats = std::vector<float>;

namespace {

Image grey(Extent extent, PixelType type, int level) {
  Image image(extent, type);
  const auto count = static_cast<std::size_t>(extent.pixels()) * 3;
  for (std::size_t i = 0; i < count; ++i) {
    if (type == PixelType::u8) image.view().u8(0)[i] = static_cast<std::uint8_t>(level);
    if (type == PixelType::f32) image.view().f32(0)[i] = static_cast<float>(level);
  }
  return image;
}

double normal_below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("two words give two normal numbers", "[augment][noise]") {
  // u = 1 / 2^24 is the longest radius, u = 1 none; half a turn less is the angle's zero.
  CHECK(two_normals(0, 0x80000000U).first == Approx(std::sqrt(48 * std::log(2.0))));
  CHECK(two_normals(0xFFFFFFFFU, 0x12345678U).first == 0);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::uint32_t length = i * 2654435761U, angle = i * 40503U * 65599U;
    const double u = ((length >> 8) + 1) / 16777216.0;
    const double turn = 2 * M_PI * ((angle >> 8) / 16777216.0 - 0.5);
    const double radius = std::sqrt(-2 * std::log(u));
    const TwoNormals two = two_normals(length, angle);
    REQUIRE(static_cast<double>(two.first) == Approx(radius * std::cos(turn)).margin(1e-5));
    REQUIRE(static_cast<double>(two.second) == Approx(radius * std::sin(turn)).margin(1e-5));
  }
}

TEST_CASE("noise on floats is normal, and independent between values", "[augment][noise]") {
  const Image image = grey({200, 50}, PixelType::f32, 100);
  const Floats noisy = values(applied(Noise{}, image, {.sigma = 4, .seed = 99}).view());
  std::vector<double> drawn;
  for (const float value : noisy) drawn.push_back((static_cast<double>(value) - 100) / 4);
  CHECK(test::kolmogorov(drawn, normal_below) < test::kKolmogorovBound);
  const auto count = static_cast<double>(drawn.size());
  // Neighbours, the same channel of neighbours, and pairs that share two words.
  for (const std::size_t distance : {1U, 3U, 16U, 32U, 600U}) {
    double product = 0;
    for (std::size_t i = distance; i < drawn.size(); ++i) product += drawn[i] * drawn[i - distance];
    CHECK(std::abs(product / std::sqrt(count)) < 4);
  }
}

TEST_CASE("noise on bytes is rounded and clamped", "[augment][noise]") {
  const Floats floats =
      values(applied(Noise{}, grey({40, 30}, PixelType::f32, 250), {.sigma = 9, .seed = 5}).view());
  const Floats bytes =
      values(applied(Noise{}, grey({40, 30}, PixelType::u8, 250), {.sigma = 9, .seed = 5}).view());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    REQUIRE(bytes[i] == std::min(255.0F, std::nearbyint(floats[i])));
  const Image image = noise({17, 9}, PixelType::u8);
  CHECK(values(applied(Noise{}, image, {.sigma = 0, .seed = 5}).view()) == values(image.view()));
}

TEST_CASE("noise draws its deviation evenly, and other bits for each image", "[augment][noise]") {
  const auto sigma = [](const Noise::Decision& decision) { return decision.sigma; };
  CHECK(test::kolmogorov_uniform(test::drawn_values(Noise{}, {9, 9}, sigma), 0, 16) <
        test::kKolmogorovBound);
  const auto byte = [](const Noise::Decision& decision) { return decision.seed % 64; };
  CHECK(test::chi_square_even(test::drawn_values(Noise{}, {9, 9}, byte), 64) <
        test::kChiSquareBound);
  CHECK_NOTHROW(Noise{}.check());
  CHECK_THROWS_WITH((Noise{.sigma = -1}.check()), Catch::Contains("between 0 and 255"));
  CHECK(Noise::Decision{8, 1}.text() == "noise of 8.0 grey levels");
}

TEST_CASE("impulse makes a share of the pixels white, and as many black", "[augment][impulse]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = grey({250, 200}, type, 90);
  const Floats out = values(applied(Impulse{}, image, {.amount = 0.1, .seed = 3}).view());
  double salt = 0, pepper = 0;
  for (std::size_t i = 0; i < out.size(); i += 3) {
    REQUIRE((out[i] == 90 || out[i] == 0 || out[i] == 255));
    REQUIRE((out[i + 1] == out[i] && out[i + 2] == out[i]));
    salt += out[i] == 255 ? 1 : 0;
    pepper += out[i] == 0 ? 1 : 0;
  }
  const double deviation = std::sqrt(50000 * 0.05 * 0.95);
  CHECK(std::abs(salt - 2500) < 4 * deviation);
  CHECK(std::abs(pepper - 2500) < 4 * deviation);
  CHECK(values(applied(Impulse{}, image, {.amount = 0, .seed = 3}).view()) == values(image.view()));
  const Floats all = values(applied(Impulse{}, image, {.amount = 1, .seed = 3}).view());
  CHECK(std::count(all.begin(), all.end(), 90.0F) == 0);
}

TEST_CASE("impulse draws its amount evenly", "[augment][impulse]") {
  const auto amount = [](const Impulse::Decision& decision) { return decision.amount; };
  CHECK(test::kolmogorov_uniform(test::drawn_values(Impulse{}, {9, 9}, amount), 0, 0.04) <
        test::kKolmogorovBound);
  CHECK_NOTHROW(Impulse{}.check());
  CHECK_THROWS_WITH((Impulse{.amount_to = 2}.check()), Catch::Contains("between 0 and 1"));
  CHECK(Impulse::Decision{0.02, 1}.text() == "salt and pepper on 2.0 % of the pixels");
}

TEST_CASE("the fast random words and noise have the bits of the plain ones", "[augment][twins]") {
  std::vector<std::uint32_t> slow_words(5 * kWordsAGroup), fast_words(5 * kWordsAGroup);
  const std::uint64_t seed = 0x0123456789ABCDEFU;
  test::on_every_target([&](const char* target) {
    CAPTURE(target);
    plain::random_words(seed, 7, slow_words);
    simd::random_words(seed, 7, fast_words);
    CHECK(slow_words == fast_words);
    for (const int width : {1, 5, 21, 22, 64, 301}) {
      for (const auto type : {PixelType::u8, PixelType::f32}) {
        const Image image = noise({width, 1}, type);
        Image slow(image.extent(), type), fast(image.extent(), type);
        with_equal_types(std::as_const(image).view(), slow.view(),
                         [&](const auto& loop) { plain::add_noise(loop, 20, seed); });
        with_equal_types(std::as_const(image).view(), fast.view(),
                         [&](const auto& loop) { simd::add_noise(loop, 20, seed); });
        CHECK(values(std::as_const(slow).view()) == values(std::as_const(fast).view()));
      }
    }
  });
}
