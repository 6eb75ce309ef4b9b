#include <cmath>

#include "augment/pca_colour.h"
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

using Matrix = std::array<std::array<double, 3>, 3>;

// sum over i of deviation_i^2 * vector_i * vector_i^T
Matrix covariance_of(const Colours& colours) {
  Matrix sum{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c)
        sum[r][c] += colours.deviations[i] * colours.deviations[i] * colours.vectors[i][r] *
                     colours.vectors[i][c];
  return sum;
}

}  // namespace

TEST_CASE("colour noise adds one colour to all pixels", "[augment][colour]") {
  const PcaColour colour{
      .colours = {.deviations = {10, 20, 30}, .vectors = {{{1, 0, 0}, {0, 0.5, 0}, {0, 0, -1}}}}};
  const PcaColour::Decision decision{{0.1, 0.2, 10}};
  const Image image = u8_image({2, 1}, {0, 100, 200, 255, 255, 255});
  const Image result = applied(colour, image, decision);
  REQUIRE(result.type() == PixelType::f32);
  // Unclamped on both sides.
  CHECK(values(result.view()) == std::vector<float>{1, 102, -100, 256, 257, -45});
  CHECK(colour.affine(decision)({0, 100, 200}) == Rgb{1, 102, -100});
}

TEST_CASE("colour noise has the same values on floats and bytes, at any length",
          "[augment][colour]") {
  const Extent extent = GENERATE(Extent{1, 1}, Extent{3, 1}, Extent{4, 1}, Extent{7, 3});
  const Image bytes = noise(extent, PixelType::u8);
  Image floats(extent, PixelType::f32);
  const std::vector<float> same = values(bytes.view());
  std::copy(same.begin(), same.end(), floats.view().f32(0));
  const PcaColour colour;
  Random random = test::some_random();
  const PcaColour::Decision decision = colour.draw(random, extent);
  const Rgb shift = colour.shift(decision);
  const std::vector<float> result = values(applied(colour, bytes, decision).view());
  for (std::size_t i = 0; i < same.size(); ++i) CHECK(result[i] == same[i] + shift[i % 3]);
  CHECK(values(applied(colour, floats, decision).view()) == result);
}

TEST_CASE("the shifts of many draws have sigma squared times the colours' covariance",
          "[augment][colour]") {
  const PcaColour colour;
  const Matrix expected = covariance_of(colour.colours);
  Matrix sampled{};
  constexpr int kDraws = 40000;
  for (std::uint32_t sample = 0; sample < kDraws; ++sample) {
    Random random = test::some_random(sample);
    const Rgb shift = colour.shift(colour.draw(random, {1, 1}));
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c)
        sampled[r][c] += static_cast<double>(shift[r]) * static_cast<double>(shift[c]) / kDraws;
  }
  // A sampled variance is off by sqrt(2 / 40000) = 0.7 %; four of those.
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(sampled[r][c] == Approx(0.01 * expected[r][c]).epsilon(0.03));
}

TEST_CASE("colours come back from the covariance they make", "[augment][colour]") {
  const Colours authors = authors_colours();
  const Colours found = colours_from(covariance_of(authors));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(found.deviations[i] == Approx(authors.deviations[i]).epsilon(1e-4));
    double product = 0, largest = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      product += found.vectors[i][c] * authors.vectors[i][c];
      if (std::abs(found.vectors[i][c]) > std::abs(largest)) largest = found.vectors[i][c];
    }
    CHECK(std::abs(product) == Approx(1).epsilon(1e-4));
    CHECK(largest > 0);
  }
}

TEST_CASE("colours of a flat covariance have no deviation below zero", "[augment][colour]") {
  // All channels equal: one direction only; the others may come out as -1e-15.
  const Colours grey = colours_from({{{4, 4, 4}, {4, 4, 4}, {4, 4, 4}}});
  CHECK(grey.deviations[0] == Approx(std::sqrt(12.0)));
  CHECK(grey.deviations[1] == Approx(0).margin(1e-6));
  CHECK(grey.vectors[0][0] == Approx(1 / std::sqrt(3.0)));
  CHECK_NOTHROW(PcaColour{.colours = grey}.check());
  const Matrix broken{{{NAN, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  CHECK_THROWS_WITH(colours_from(broken), Catch::Contains("finite"));
}

TEST_CASE("without deviation or alpha the colours stay", "[augment][colour]") {
  const Image image = noise({5, 4}, PixelType::u8);
  CHECK(values(applied(PcaColour{.sigma = 0}, image).view()) == values(image.view()));
}

TEST_CASE("colour noise refuses parameters out of range by name", "[augment][colour]") {
  CHECK_THROWS_WITH(PcaColour{.sigma = -1}.check(), Catch::Contains("sigma is -1"));
  PcaColour wrong;
  wrong.colours.deviations[1] = -2;
  CHECK_THROWS_WITH(wrong.check(), Catch::Contains("deviation is -2"));
  PcaColour long_vector;
  long_vector.colours.vectors[2][0] = 3;
  CHECK_THROWS_WITH(long_vector.check(), Catch::Contains("component 3"));
  CHECK_NOTHROW(PcaColour{}.check());
  CHECK(PcaColour::Decision{{0.104, -0.0211, 0}}.text() == "colour alpha 0.104,-0.021,0.000");
}
