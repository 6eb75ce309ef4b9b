// The distribution of what the geometric operations draw, and decisions that are frozen.
#include <cmath>

#include "augment/elastic.h"
#include "augment/grid_crop.h"
#include "augment/lens.h"
#include "augment/perspective.h"
#include "augment/random_affine.h"
#include "augment/random_resized_crop.h"
#include "augment/rotate.h"
#include "augment/shear.h"
#include "augment/stretch.h"
#include "augment/translate.h"
#include "tests/augment/distribution.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::chi_square_even;
using sluice::test::drawn_values;
using sluice::test::kChiSquareBound;
using sluice::test::kKolmogorovBound;
using sluice::test::kolmogorov_uniform;

namespace {

constexpr Extent kExtent{400, 300};

template <class Operation, class Value>
double uniformity(const Operation& operation, double from, double to, Value value) {
  return kolmogorov_uniform(drawn_values(operation, kExtent, value), from, to);
}

// How many random values a draw takes.
template <class Operation>
std::uint32_t draws_of(const Operation& operation, Extent extent) {
  const RandomKey key{.seed = 3, .stream = stream_id("augment/test")};
  Random random(key);
  (void)operation.draw(random, extent);
  const std::uint64_t next = random.bits();
  for (std::uint32_t index = 0; index < 64; ++index)
    if (Random(key, index).bits() == next) return index;
  return 64;
}

}  // namespace

TEST_CASE("angles, slants and factors are uniform over their ranges", "[augment][draws]") {
  CHECK(uniformity(Rotate{.degrees = {-20, 45}}, -20, 45, [](const auto& d) { return d.degrees; }) <
        kKolmogorovBound);
  CHECK(uniformity(Shear{.x = {-9, 12}}, -9, 12, [](const auto& d) { return d.x; }) <
        kKolmogorovBound);
  CHECK(uniformity(Shear{.y = {-9, 12}}, -9, 12, [](const auto& d) { return d.y; }) <
        kKolmogorovBound);
  CHECK(uniformity(Stretch{.x = {0.5, 3}}, std::log(0.5), std::log(3.0),
                   [](const auto& d) { return std::log(d.x); }) < kKolmogorovBound);
  CHECK(uniformity(Stretch{.y = {0.5, 3}}, std::log(0.5), std::log(3.0),
                   [](const auto& d) { return std::log(d.y); }) < kKolmogorovBound);
  CHECK(uniformity(Lens{.k1 = {-0.3, 0.2}}, -0.3, 0.2, [](const auto& d) { return d.k1; }) <
        kKolmogorovBound);
  CHECK(uniformity(Lens{.k2 = {0, 0.2}}, 0, 0.2, [](const auto& d) { return d.k2; }) <
        kKolmogorovBound);
}

TEST_CASE("the parts of an affine are uniform over their ranges", "[augment][draws]") {
  const RandomAffine affine{.degrees = {-30, 10}, .shear_x = {-5, 6}, .shear_y = {-7, 8}};
  CHECK(uniformity(affine, -30, 10, [](const auto& d) { return d.degrees; }) < kKolmogorovBound);
  CHECK(uniformity(affine, 0.9, 1.1, [](const auto& d) { return d.scale; }) < kKolmogorovBound);
  CHECK(uniformity(affine, -5, 6, [](const auto& d) { return d.shear_x; }) < kKolmogorovBound);
  CHECK(uniformity(affine, -7, 8, [](const auto& d) { return d.shear_y; }) < kKolmogorovBound);
}

TEST_CASE("translations take every whole pixel alike", "[augment][draws]") {
  // Half a pixel beyond the outer whole ones, so that all are as likely.
  const double across = 20.5 / 400, down = 10.5 / 300;
  const Translate translate{.x = {-across, across}, .y = {-down, down}};
  CHECK(chi_square_even(drawn_values(translate, kExtent, [](const auto& d) { return d.x + 20; }),
                        41) < kChiSquareBound);
  CHECK(chi_square_even(drawn_values(translate, kExtent, [](const auto& d) { return d.y + 10; }),
                        21) < kChiSquareBound);
  const RandomAffine affine{.x = {-across, across}, .y = {-down, down}};
  CHECK(chi_square_even(drawn_values(affine, kExtent, [](const auto& d) { return d.x + 20; }), 41) <
        kChiSquareBound);
  CHECK(chi_square_even(drawn_values(affine, kExtent, [](const auto& d) { return d.y + 10; }), 21) <
        kChiSquareBound);
}

TEST_CASE("each corner of a perspective moves by any part of its half", "[augment][draws]") {
  const Perspective perspective{.distortion = 0.4};
  using Decision = Perspective::Decision;
  using Corner = Decision::Corner Decision::*;
  for (const Corner corner : {&Decision::upper_left, &Decision::upper_right, &Decision::lower_right,
                              &Decision::lower_left}) {
    CHECK(uniformity(perspective, 0, 0.4, [&](const Decision& d) {
            return static_cast<double>((d.*corner).x);
          }) < kKolmogorovBound);
    CHECK(uniformity(perspective, 0, 0.4, [&](const Decision& d) {
            return static_cast<double>((d.*corner).y);
          }) < kKolmogorovBound);
  }
}

TEST_CASE("random resized crops have uniform areas, shapes and places", "[augment][draws]") {
  // Ranges in which the first try always fits, up to rounding of sides.
  const RandomResizedCrop crop{.scale = 0.2, .scale_to = 0.5};
  const double noise = 2 * kKolmogorovBound;  // sides are whole pixels
  CHECK(uniformity(crop, 0.2, 0.5, [](const auto& d) {
          return static_cast<double>(d.window.extent.pixels()) / (400.0 * 300);
        }) < noise);
  CHECK(uniformity(crop, std::log(3.0 / 4), std::log(4.0 / 3), [](const auto& d) {
          return std::log(static_cast<double>(d.window.extent.width) / d.window.extent.height);
        }) < noise);
  CHECK(uniformity(crop, 0, 1, [](const auto& d) {
          return (d.window.left + 0.5) / (400 - d.window.extent.width + 1);
        }) < noise);
  CHECK(uniformity(crop, 0, 1, [](const auto& d) {
          return (d.window.top + 0.5) / (300 - d.window.extent.height + 1);
        }) < noise);
}

TEST_CASE("every crop of a random resized crop lies inside and has a valid shape",
          "[augment][draws]") {
  const Extent extent = GENERATE(Extent{400, 300}, Extent{31, 400}, Extent{2, 2}, Extent{1, 50});
  const auto fits = drawn_values(RandomResizedCrop{}, extent, [&](const auto& d) {
    return inside(d.window.box(), extent) && d.window.extent.pixels() > 0 ? 1 : 0;
  });
  CHECK(std::count(fits.begin(), fits.end(), 0) == 0);
}

TEST_CASE("every cell of a grid crop comes as often, at its place", "[augment][draws]") {
  const GridCrop crop{.side = 100, .grid = 3};
  const auto cells = drawn_values(
      crop, kExtent, [](const Window& window) { return window.left / 150 + window.top / 100 * 3; });
  CHECK(chi_square_even(cells, 9) < kChiSquareBound);
  Random random = test::some_random();
  CHECK(GridCrop{.side = 100, .grid = 3, .cell = 5}.draw(random, kExtent) ==
        Window{{100, 100}, 300, 100});
  CHECK(GridCrop{.side = 100, .grid = 1}.draw(random, kExtent) == Window{{100, 100}, 150, 100});
  CHECK(GridCrop{.side = 300, .grid = 2, .cell = 2}.draw(random, kExtent) ==
        Window{{300, 300}, 0, 0});
  CHECK_THROWS_WITH((GridCrop{.grid = 3, .cell = 9}.check()), Catch::Contains("0 to 8"));
  CHECK_THROWS_WITH((GridCrop{.grid = 0}.check()), Catch::Contains("grid is 0"));
  CHECK(GridCrop{}.refuses({100, 500}).has_value());
}

TEST_CASE("the bits of elastic fields are uniform", "[augment][draws]") {
  const auto high = drawn_values(Elastic{}, kExtent,
                                 [](const auto& d) { return static_cast<double>(d.seed >> 32); });
  const auto low = drawn_values(
      Elastic{}, kExtent, [](const auto& d) { return static_cast<double>(d.seed & 0xFFFFFFFFU); });
  CHECK(kolmogorov_uniform(high, 0, 0x1p32) < kKolmogorovBound);
  CHECK(kolmogorov_uniform(low, 0, 0x1p32) < kKolmogorovBound);
}

TEST_CASE("a draw takes as many random values as its header says", "[augment][draws]") {
  CHECK(draws_of(Rotate{}, kExtent) == 1);
  CHECK(draws_of(Rotate{.degrees = {5, 5}}, kExtent) == 1);
  CHECK(draws_of(Shear{}, kExtent) == 2);
  CHECK(draws_of(Stretch{}, kExtent) == 2);
  CHECK(draws_of(Translate{}, kExtent) == 2);
  CHECK(draws_of(RandomAffine{}, kExtent) == 6);
  CHECK(draws_of(Perspective{}, kExtent) == 8);
  CHECK(draws_of(Lens{}, kExtent) == 2);
  CHECK(draws_of(Elastic{}, kExtent) == 1);
  CHECK(draws_of(GridCrop{}, kExtent) == 1);
  CHECK(draws_of(GridCrop{.cell = 2}, kExtent) == 1);
  CHECK(draws_of(RandomResizedCrop{.scale = 0.2, .scale_to = 0.5}, kExtent) == 4);
  CHECK(draws_of(RandomResizedCrop{}, {4000, 3}) == 22);
}

TEST_CASE("the geometric decisions of one sample are frozen", "[augment][draws][law4]") {
  const auto text = [](const auto& operation) {
    Random random = test::some_random(5);
    return operation.draw(random, kExtent).text();
  };
  CHECK(text(Rotate{}) == "rotate by -3.97 degrees");
  CHECK(text(Shear{.y = {-5, 5}}) == "shear by -2.65,4.19 degrees");
  CHECK(text(Stretch{}) == "stretch by 0.943,1.205");
  CHECK(text(Translate{}) == "move by -11,25");
  CHECK(text(RandomAffine{}) == "affine -3.97 degrees, move 33,-22, scale 1.014, shear 0.00,0.00");
  CHECK(text(Perspective{}) ==
        "perspective, corners in by 0.184,0.459 0.069,0.284 0.483,0.229 0.206,0.415");
  CHECK(text(Lens{}) == "lens k1 -0.040, k2 0.000");
  CHECK(text(Elastic{}) == "elastic field 5e1acce1a7eae8bf");
  CHECK(text(GridCrop{.side = 100}) == "crop 100x100 at 0,100");
  CHECK(text(RandomResizedCrop{}) == "crop 161x155 at 88,134 to 224x224");
}
