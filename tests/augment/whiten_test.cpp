// Standardise and whiten.
#include "augment/whiten.h"

#include <cmath>

#include "augment/standardise.h"
#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;

namespace {

struct Moments {
  std::array<double, 3> mean{};
  std::array<std::array<double, 3>, 3> covariance{};
};

Moments moments(const Image& image) {
  const std::vector<float> all = values(image.view());
  const double pixels = static_cast<double>(all.size()) / 3;
  Moments result;
  for (std::size_t i = 0; i < all.size(); ++i)
    result.mean[i % 3] += static_cast<double>(all[i]) / pixels;
  for (std::size_t i = 0; i < all.size(); i += 3)
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c)
        result.covariance[r][c] += (static_cast<double>(all[i + r]) - result.mean[r]) *
                                   (static_cast<double>(all[i + c]) - result.mean[c]) / pixels;
  return result;
}

// Channels that have to do with one another.
Image coloured(Extent extent, PixelType type) {
  const std::vector<float> raw = values(noise(extent, PixelType::u8).view());
  Image image(extent, type);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const float mixed = 0.6F * raw[i - i % 3] + (0.1F + 0.1F * static_cast<float>(i % 3)) * raw[i];
    if (type == PixelType::u8) image.view().u8(0)[i] = static_cast<std::uint8_t>(mixed);
    if (type == PixelType::f32) image.view().f32(0)[i] = mixed;
  }
  return image;
}

}  // namespace

TEST_CASE("a standardised image has mean 0 and deviation 1", "[augment][standardise]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image out = applied(Standardise{}, coloured({31, 17}, type), {});
  REQUIRE(out.type() == PixelType::f32);
  double sum = 0, squares = 0;
  for (const float value : values(out.view())) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  CHECK(sum / (31 * 17 * 3) == Approx(0).margin(1e-5));
  CHECK(squares / (31 * 17 * 3) == Approx(1).epsilon(1e-5));
}

TEST_CASE("standardised by channel, each channel has mean 0 and deviation 1",
          "[augment][standardise]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image out =
      applied(Standardise{.by = StandardiseBy::channel}, coloured({31, 17}, type), {});
  const Moments found = moments(out);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(found.mean[c] == Approx(0).margin(1e-5));
    CHECK(found.covariance[c][c] == Approx(1).epsilon(1e-5));
  }
}

TEST_CASE("an image of one colour is standardised to nothing", "[augment][standardise]") {
  const Image grey = u8_image({2, 1}, {7, 7, 7, 7, 7, 7});
  for (const float value : values(applied(Standardise{}, grey, {}).view()))
    CHECK(value == Approx(0).margin(1e-4));
}

TEST_CASE("whitened colours of their own covariance have no correlation, and deviation 1",
          "[augment][whiten]") {
  const auto kind = GENERATE(Whitening::zca, Whitening::pca);
  const Image image = coloured({40, 30}, PixelType::f32);
  const Moments before = moments(image);
  const Whiten whiten{
      .kind = kind, .epsilon = 0, .mean = before.mean, .colours = colours_from(before.covariance)};
  CHECK_NOTHROW(whiten.check());
  const Moments after = moments(applied(whiten, image, {}));
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(after.mean[r] == Approx(0).margin(1e-4));
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(after.covariance[r][c] == Approx(r == c ? 1 : 0).margin(2e-3));
  }
  // ZCA's matrix is symmetric: it turns nothing.
  const ColourAffine affine = whiten.affine({});
  if (kind == Whitening::zca)
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c)
        CHECK(affine.factor[r][c] == Approx(affine.factor[c][r]).margin(1e-6));
}

TEST_CASE("epsilon keeps whitening finite where colours do not vary", "[augment][whiten]") {
  const Colours grey = colours_from({{{4, 4, 4}, {4, 4, 4}, {4, 4, 4}}});
  CHECK_THROWS_WITH((Whiten{.epsilon = 0, .colours = grey}.check()),
                    Catch::Contains("let epsilon be above 0"));
  CHECK_NOTHROW((Whiten{.epsilon = 1, .colours = grey}.check()));
  CHECK_THROWS_WITH((Whiten{.epsilon = -1}.check()), Catch::Contains("epsilon is -1"));
}
