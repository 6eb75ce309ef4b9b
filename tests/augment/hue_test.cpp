#include "augment/hue.h"

#include <cmath>

#include "augment/colour_jitter.h"
#include "augment/contrast.h"
#include "augment/saturation.h"
#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;
using Floats = std::vector<float>;

TEST_CASE("a third of a turn makes red green, and green blue", "[augment][hue]") {
  const Image image = u8_image({3, 1}, {200, 10, 10, 10, 200, 10, 90, 90, 90});
  CHECK(values(applied(Hue{}, image, {1.0 / 3}).view()) ==
        Floats{10, 200, 10, 10, 10, 200, 90, 90, 90});
  CHECK(values(applied(Hue{}, image, {-1.0 / 3}).view()) ==
        Floats{10, 10, 200, 200, 10, 10, 90, 90, 90});
  // Half way from red to green lies yellow.
  const Image red = u8_image({1, 1}, {250, 50, 50});
  CHECK(values(applied(Hue{}, red, {1.0 / 6}).view()) == Floats{250, 250, 50});
  CHECK(values(applied(Hue{}, red, {1.0 / 12}).view()) == Floats{250, 150, 50});
}

TEST_CASE("turning hues keeps the largest and the smallest channel", "[augment][hue]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = noise({40, 11}, type);
  const Floats in = values(image.view());
  const Floats out = values(applied(Hue{}, image, {0.31}).view());
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const auto [low, high] = std::minmax({in[i], in[i + 1], in[i + 2]});
    const auto [low_out, high_out] = std::minmax({out[i], out[i + 1], out[i + 2]});
    REQUIRE(low_out == Approx(low).margin(1e-3));
    REQUIRE(high_out == Approx(high).margin(1e-3));
  }
}

TEST_CASE("no turn, and two halves of one, give bytes back", "[augment][hue]") {
  const Image image = noise({40, 11}, PixelType::u8);
  CHECK(values(applied(Hue{}, image, {0}).view()) == values(image.view()));
  // Through one rounding to bytes a value in the middle may move by one.
  const Image back = applied(Hue{}, applied(Hue{}, image, {0.5}), {0.5});
  for (std::size_t i = 0; i < values(image.view()).size(); ++i)
    REQUIRE(std::abs(values(back.view())[i] - values(image.view())[i]) <= 1);
}

TEST_CASE("hues are drawn evenly, and refused beyond half a turn", "[augment][hue]") {
  const auto turns = [](const Hue::Decision& decision) { return decision.turns; };
  const auto drawn = test::drawn_values(Hue{}, {9, 9}, turns);
  CHECK(test::kolmogorov_uniform(drawn, -0.1, 0.1) < test::kKolmogorovBound);
  CHECK_NOTHROW(Hue{}.check());
  CHECK_THROWS_WITH((Hue{.turns = -0.6}.check()), Catch::Contains("between -0.5 and 0.5"));
  CHECK(Hue::Decision{0.05}.text() == "hue +0.050 turns");
}

TEST_CASE("colour jitter does its steps in the order it drew", "[augment][colour-jitter]") {
  using Step = ColourJitter::Step;
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = noise({21, 9}, type);
  ColourJitter::Decision decision;
  decision.contrast = 1.5;
  decision.saturation = 0.4;
  decision.hue = 0.1;
  decision.order = {Step::saturation, Step::hue, Step::brightness, Step::contrast};
  const Image expected =
      applied(Contrast{}, applied(Hue{}, applied(Saturation{}, image, {0.4}), {0.1}), {1.5});
  CHECK(values(applied(ColourJitter{}, image, decision).view()) == values(expected.view()));
  CHECK(decision.text() == "jitter saturation x 0.400, hue +0.100 turns, contrast x 1.500");
  CHECK(values(applied(ColourJitter{}, image, {}).view()) == values(image.view()));
  CHECK(ColourJitter::Decision{}.text() == "jitter nothing");
}

TEST_CASE("colour jitter draws all 24 orders and its factors evenly", "[augment][colour-jitter]") {
  const ColourJitter jitter{.brightness = 0.3, .contrast = 1.5, .saturation = 0.2, .hue = 0.4};
  const auto order = [](const ColourJitter::Decision& decision) {
    std::size_t number = 0;  // in base 4
    for (const auto step : decision.order) number = number * 4 + static_cast<std::size_t>(step);
    return number;
  };
  auto orders = test::drawn_values(jitter, {9, 9}, order);
  auto different = orders;
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  REQUIRE(different.size() == 24);
  for (auto& number : orders)
    number = static_cast<std::size_t>(std::find(different.begin(), different.end(), number) -
                                      different.begin());
  CHECK(test::chi_square_even(orders, 24) < test::kChiSquareBound);
  const auto check = [&](auto value, double from, double to) {
    const auto drawn = test::drawn_values(jitter, {9, 9}, value);
    CHECK(test::kolmogorov_uniform(drawn, from, to) < test::kKolmogorovBound);
  };
  check([](const auto& d) { return d.brightness; }, 0.7, 1.3);
  check([](const auto& d) { return d.contrast; }, 0, 2.5);
  check([](const auto& d) { return d.saturation; }, 0.8, 1.2);
  check([](const auto& d) { return d.hue; }, -0.4, 0.4);
}

TEST_CASE("colour jitter keeps the other draws where an amount is 0", "[augment][colour-jitter]") {
  Random with = test::some_random(3);
  Random without = test::some_random(3);
  const auto all = ColourJitter{}.draw(with, {9, 9});
  const auto some = ColourJitter{.contrast = 0}.draw(without, {9, 9});
  CHECK(some.contrast == 1);
  CHECK(some.order == all.order);
  CHECK(some.hue == all.hue);
  CHECK_THROWS_WITH((ColourJitter{.hue = 0.6}.check()), Catch::Contains("hue is 0.6"));
  CHECK_THROWS_WITH((ColourJitter{.contrast = -1}.check()), Catch::Contains("an amount is -1"));
  CHECK_NOTHROW(ColourJitter{}.check());
}
