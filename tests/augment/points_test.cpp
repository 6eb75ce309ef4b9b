// Gamma, posterize, solarize, equalize and autocontrast.
#include <cmath>

#include "augment/autocontrast.h"
#include "augment/equalize.h"
#include "augment/gamma.h"
#include "augment/posterize.h"
#include "augment/solarize.h"
#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::f32_image;
using sluice::test::noise;
using sluice::test::u8_image;
using sluice::test::values;
using Floats = std::vector<float>;

TEST_CASE("gamma raises what lies between 0 and 255 to a power", "[augment][gamma]") {
  const Image bytes = u8_image({2, 1}, {0, 64, 255, 1, 128, 254});
  // 255 x (64 / 255)^2 = 16.06, 255 x (128 / 255)^2 = 64.25, 255 x (254 / 255)^2 = 253.004
  CHECK(values(applied(Gamma{}, bytes, {2}).view()) == Floats{0, 16, 255, 0, 64, 253});
  CHECK(values(applied(Gamma{}, bytes, {1}).view()) == values(bytes.view()));
  const Image floats = f32_image({1, 1}, {-5, 510, 63.75F});
  CHECK(values(applied(Gamma{}, floats, {0.5}).view())[0] == 0);
  CHECK(values(applied(Gamma{}, floats, {0.5}).view())[1] == Approx(255 * std::sqrt(2.0)));
  CHECK(values(applied(Gamma{}, floats, {0.5}).view())[2] == Approx(127.5));
  const auto exponent = [](const Gamma::Decision& decision) { return decision.exponent; };
  CHECK(test::kolmogorov_uniform(test::drawn_values(Gamma{}, {9, 9}, exponent), 0.8, 1.25) <
        test::kKolmogorovBound);
  CHECK_THROWS_WITH((Gamma{.gamma_to = 101}.check()),
                    Catch::Contains("gamma: gamma is 0.8 to 101"));
  CHECK_NOTHROW(Gamma{}.check());
  CHECK(Gamma::Decision{0.912}.text() == "gamma 0.912");
}

TEST_CASE("posterize keeps the highest bits", "[augment][posterize]") {
  const Image bytes = u8_image({2, 1}, {0, 31, 32, 127, 200, 255});
  CHECK(values(applied(Posterize{}, bytes, {3}).view()) == Floats{0, 0, 32, 96, 192, 224});
  CHECK(values(applied(Posterize{}, bytes, {1}).view()) == Floats{0, 0, 0, 0, 128, 128});
  CHECK(values(applied(Posterize{}, bytes, {8}).view()) == values(bytes.view()));
  const Image floats = f32_image({1, 1}, {-0.5F, 40.7F, 300});
  CHECK(values(applied(Posterize{}, floats, {3}).view()) == Floats{-32, 32, 288});
  const auto bits = [](const Posterize::Decision& decision) { return decision.bits - 3; };
  const auto drawn = test::drawn_values(Posterize{.bits = 3, .bits_to = 7}, {9, 9}, bits);
  CHECK(test::chi_square_even(drawn, 5) < test::kChiSquareBound);
  CHECK_THROWS_WITH((Posterize{.bits = 0}.check()), Catch::Contains("must be 1 to 8"));
  CHECK_THROWS_WITH((Posterize{.bits = 6, .bits_to = 5}.check()), Catch::Contains("bits is 6"));
  CHECK_NOTHROW(Posterize{}.check());
  CHECK(Posterize::Decision{4}.text() == "posterize to 4 bits");
}

TEST_CASE("solarize inverts from its threshold on", "[augment][solarize]") {
  const Image bytes = u8_image({2, 1}, {0, 127, 128, 129, 200, 255});
  CHECK(values(applied(Solarize{}, bytes, {128}).view()) == Floats{0, 127, 127, 126, 55, 0});
  CHECK(values(applied(Solarize{}, bytes, {128.5}).view()) == Floats{0, 127, 128, 126, 55, 0});
  CHECK(values(applied(Solarize{}, bytes, {256}).view()) == values(bytes.view()));
  CHECK(values(applied(Solarize{}, bytes, {0}).view()) == Floats{255, 128, 127, 126, 55, 0});
  const Image floats = f32_image({1, 1}, {-5, 130.25F, 300});
  CHECK(values(applied(Solarize{}, floats, {128}).view()) == Floats{-5, 124.75F, -45});
  const auto threshold = [](const Solarize::Decision& decision) { return decision.threshold; };
  const auto drawn =
      test::drawn_values(Solarize{.threshold = 50, .threshold_to = 256}, {9, 9}, threshold);
  CHECK(test::kolmogorov_uniform(drawn, 50, 256) < test::kKolmogorovBound);
  CHECK_THROWS_WITH((Solarize{.threshold_to = 257}.check()), Catch::Contains("between 0 and 256"));
  CHECK_NOTHROW(Solarize{}.check());
  CHECK(Solarize::Decision{128}.text() == "solarize from 128.0");
}

TEST_CASE("autocontrast stretches every channel by itself", "[augment][autocontrast]") {
  const Image bytes = u8_image({3, 1}, {100, 0, 7, 150, 255, 7, 200, 3, 7});
  const Floats expected = {0, 0, 7, 128, 255, 7, 255, 3, 7};  // blue has one value and stays
  CHECK(values(applied(Autocontrast{}, bytes, {}).view()) == expected);
  const Image floats = f32_image({2, 1}, {-50, 1, 2, 50, 1, 4});
  CHECK(values(applied(Autocontrast{}, floats, {}).view()) == Floats{0, 1, 0, 255, 1, 255});
}

TEST_CASE("equalize leaves evenly spread values, and images too small for a step, alone",
          "[augment][equalize]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  std::vector<int> ramp;
  for (int i = 0; i < 256; ++i) ramp.insert(ramp.end(), {i, 255 - i, 9});
  const Image even = u8_image({16, 16}, ramp);
  Image image(even.extent(), type);
  const Floats same = values(even.view());
  for (std::size_t i = 0; i < same.size(); ++i) {
    if (type == PixelType::u8) image.view().u8(0)[i] = static_cast<std::uint8_t>(same[i]);
    if (type == PixelType::f32) image.view().f32(0)[i] = same[i];
  }
  CHECK(values(applied(Equalize{}, image, {}).view()) == same);
  const Image dot = u8_image({1, 1}, {5, 200, 90});
  CHECK(values(applied(Equalize{}, dot, {}).view()) == values(dot.view()));
}

TEST_CASE("equalize gives the levels of a crowded image room", "[augment][equalize]") {
  // 510 pixels of 100, then 510 of 101, then 1 of 102: a step of 1020 / 255 = 4 pixels.
  std::vector<int> crowded;
  for (int i = 0; i < 1021; ++i) {
    const int value = i < 510 ? 100 : i < 1020 ? 101 : 102;
    crowded.insert(crowded.end(), {value, value, value});
  }
  const Floats out = values(applied(Equalize{}, u8_image({1021, 1}, crowded), {}).view());
  CHECK(out[0] == 0);           // (2 + 0) / 4
  CHECK(out[3 * 510] == 128);   // (2 + 510) / 4
  CHECK(out[3 * 1020] == 255);  // (2 + 1020) / 4
}
