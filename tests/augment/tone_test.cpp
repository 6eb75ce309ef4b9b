// Brightness, contrast, saturation, grey and invert: what needs a pixel's values and its grey.
#include <cmath>

#include "augment/brightness.h"
#include "augment/contrast.h"
#include "augment/grey.h"
#include "augment/invert.h"
#include "augment/pixel_loop.h"
#include "augment/saturation.h"
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

namespace {

// Whether an operation does to floats what its matrix says.
template <class Operation>
void check_affine(const Operation& operation, const typename Operation::Decision& decision) {
  const Image image = noise({7, 5}, PixelType::f32);
  const Floats in = values(image.view());
  const Floats out = values(applied(operation, image, decision).view());
  const ColourAffine affine = operation.affine(decision);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const Rgb expected = affine({in[i], in[i + 1], in[i + 2]});
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(out[i + c] == Approx(expected[c]).epsilon(1e-5).margin(1e-3));
  }
}

template <class Operation>
void check_factors(const Operation& operation) {
  const auto factor = [](const auto& decision) { return decision.factor; };
  const auto drawn = test::drawn_values(operation, {9, 9}, factor);
  CHECK(test::kolmogorov_uniform(drawn, operation.factor, operation.factor_to) <
        test::kKolmogorovBound);
  CHECK_NOTHROW(operation.check());
  CHECK_THROWS_WITH((Operation{.factor = -0.1}.check()), Catch::Contains("between 0 and 100"));
  CHECK_THROWS_WITH((Operation{.factor = 1.5, .factor_to = 1}.check()),
                    Catch::Contains("factor is 1.5 to 1"));
  CHECK_THROWS_WITH((Operation{.factor_to = NAN}.check()), Catch::Contains("between 0 and 100"));
}

}  // namespace

TEST_CASE("bytes are rounded to the nearest, halves to even, and clamped", "[augment][tone]") {
  CHECK(to_byte(0.5F) == 0);
  CHECK(to_byte(1.5F) == 2);
  CHECK(to_byte(2.5F) == 2);
  CHECK(to_byte(254.51F) == 255);
  CHECK(to_byte(1e9F) == 255);
  CHECK(to_byte(-3.0F) == 0);
}

TEST_CASE("brightness multiplies; bytes are clamped, floats are not", "[augment][brightness]") {
  const Image bytes = u8_image({2, 1}, {0, 3, 100, 200, 255, 7});
  CHECK(values(applied(Brightness{}, bytes, {1.5}).view()) == Floats{0, 4, 150, 255, 255, 10});
  CHECK(values(applied(Brightness{}, bytes, {0}).view()) == Floats{0, 0, 0, 0, 0, 0});
  const Image floats = f32_image({1, 1}, {-20, 100, 200});
  CHECK(values(applied(Brightness{}, floats, {1.5}).view()) == Floats{-30, 150, 300});
  check_affine(Brightness{}, {1.3});
  check_factors(Brightness{});
  CHECK(Brightness::Decision{1.13}.text() == "brightness x 1.130");
}

TEST_CASE("contrast moves values away from the image's mean grey", "[augment][contrast]") {
  // Grey of the pixels: 100 and 50.
  const Image bytes = u8_image({2, 1}, {100, 100, 100, 50, 50, 50});
  CHECK(values(applied(Contrast{}, bytes, {2}).view()) == Floats{125, 125, 125, 25, 25, 25});
  CHECK(values(applied(Contrast{}, bytes, {0}).view()) == Floats{75, 75, 75, 75, 75, 75});
  const Image red = u8_image({1, 1}, {200, 0, 0});
  CHECK(values(applied(Contrast{}, red, {0.5}).view()) == Floats{130, 30, 30});
  const Image floats = f32_image({2, 1}, {100, 100, 100, 50, 50, 50});
  CHECK(values(applied(Contrast{}, floats, {6}).view())[0] == Approx(225));
  CHECK(values(applied(Contrast{}, floats, {6}).view())[3] == Approx(-75));
  check_factors(Contrast{});
  CHECK(Contrast::Decision{0.5}.text() == "contrast x 0.500");
}

TEST_CASE("saturation moves colours away from their grey", "[augment][saturation]") {
  const Image bytes = u8_image({2, 1}, {200, 100, 0, 90, 90, 90});
  // Grey: 0.299 x 200 + 0.587 x 100 = 118.5
  CHECK(values(applied(Saturation{}, bytes, {0.5}).view()) == Floats{159, 109, 59, 90, 90, 90});
  CHECK(values(applied(Saturation{}, bytes, {2}).view()) == Floats{255, 82, 0, 90, 90, 90});
  check_affine(Saturation{}, {1.7});
  check_factors(Saturation{});
  CHECK(Saturation::Decision{1}.text() == "saturation x 1.000");
}

TEST_CASE("grey has one value a pixel, the weighted mean of its colours", "[augment][grey]") {
  const Image bytes = u8_image({2, 1}, {255, 255, 255, 200, 100, 50});
  CHECK(values(applied(Grey{}, bytes, {}).view()) == Floats{255, 255, 255, 124, 124, 124});
  check_affine(Grey{}, {});
}

TEST_CASE("invert is its own opposite", "[augment][invert]") {
  const Image image = noise({33, 3}, PixelType::u8);
  const Image once = applied(Invert{}, image, {});
  CHECK(values(once.view())[0] == 255 - values(image.view())[0]);
  CHECK(values(applied(Invert{}, once, {}).view()) == values(image.view()));
  check_affine(Invert{}, {});
}
