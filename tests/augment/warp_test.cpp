// Warps against the formulas in double, and what each operation does to places.
#include "augment/warp.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "augment/elastic.h"
#include "augment/lens.h"
#include "augment/perspective.h"
#include "augment/random_affine.h"
#include "augment/rotate.h"
#include "augment/shear.h"
#include "augment/stretch.h"
#include "augment/translate.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::values;

namespace {

double pixel(const Image& image, int x, int y, int c) {
  const Extent e = image.extent();
  const int i = std::clamp(x, 0, e.width - 1) * 3 + c, row = std::clamp(y, 0, e.height - 1);
  return image.type() == PixelType::u8 ? image.view().u8(row)[i]
                                       : static_cast<double>(image.view().f32(row)[i]);
}

// What a bilinear warp should give at a position inside the image.
double between(const Image& image, Position at, int c) {
  const double x = at.x - 0.5, y = at.y - 0.5;
  const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
  const double across = x - left, down = y - top;
  const double upper =
      pixel(image, left, top, c) * (1 - across) + pixel(image, left + 1, top, c) * across;
  const double lower =
      pixel(image, left, top + 1, c) * (1 - across) + pixel(image, left + 1, top + 1, c) * across;
  return upper * (1 - down) + lower * down;
}

// The largest distance of a warped image from the formula; places within 1e-4 pixel of the image's
// edge may be in or out.
template <class Map>
double worst(const Image& from, const Image& to, const Map& map, double fill) {
  const double width = from.extent().width, height = from.extent().height;
  double largest = 0;
  const auto near = [](double at, double edge) { return std::abs(at - edge) < 1e-4; };
  for (int y = 0; y < to.extent().height; ++y)
    for (int x = 0; x < to.extent().width; ++x) {
      const Position at = map({x + 0.5, y + 0.5});
      if (near(at.x, 0) || near(at.x, width) || near(at.y, 0) || near(at.y, height)) continue;
      const bool in = at.x > 0 && at.x < width && at.y > 0 && at.y < height;
      for (int c = 0; c < 3; ++c) {
        const double expected = in ? between(from, at, c) : fill;
        largest = std::max(largest, std::abs(expected - pixel(to, x, y, c)));
      }
    }
  return largest;
}

// u8 results are rounded, weights and positions too: 0.5 + 255 / 32768 + 2 / 256, and a little.
double allowed(PixelType type) { return type == PixelType::u8 ? 0.54 : 0.03; }

template <class Operation>
void check_formula(Operation operation, const typename Operation::Decision& decision) {
  operation.canvas.fill = {90, 90, 90};
  for (const PixelType type : {PixelType::u8, PixelType::f32})
    for (const Extent extent : {Extent{47, 39}, {1, 1}, {1, 30}, {2, 2}, {300, 3}}) {
      const Image from = noise(extent, type);
      const Image to = applied(operation, from, decision);
      CAPTURE(decision.text(), extent.width, extent.height);
      CHECK(worst(from, to, operation.map(decision, extent), 90) <= allowed(type));
    }
}

}  // namespace

TEST_CASE("affine warps are the bilinear formula", "[augment][warp]") {
  check_formula(Rotate{}, {.degrees = 23.7});
  check_formula(Rotate{}, {.degrees = -171});
  check_formula(Shear{}, {.x = 20, .y = -13});
  check_formula(Stretch{}, {.x = 1.7, .y = 0.6});
  check_formula(Stretch{}, {.x = 0.05, .y = 20});
  check_formula(RandomAffine{},
                {.degrees = 33, .x = 5, .y = -3, .scale = 0.7, .shear_x = 8, .shear_y = 4});
}

TEST_CASE("perspective and lens are the bilinear formula", "[augment][warp]") {
  check_formula(Perspective{}, {{0.3F, 0.2F}, {0.1F, 0.4F}, {0.25F, 0.05F}, {0.0F, 0.35F}});
  check_formula(Lens{}, {.k1 = 0.2, .k2 = 0.1});
  check_formula(Lens{}, {.k1 = -0.25, .k2 = 0.02});
}

TEST_CASE("a warp that moves nothing changes nothing", "[augment][warp]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Extent extent = GENERATE(Extent{33, 20}, Extent{1, 1}, Extent{3, 400}, Extent{0, 5});
  const Image from = noise(extent, type);
  const auto before = values(from.view());
  CHECK(values(applied(Rotate{}, from, {0}).view()) == before);
  CHECK(values(applied(Shear{}, from, {0, 0}).view()) == before);
  CHECK(values(applied(Stretch{}, from, {1, 1}).view()) == before);
  CHECK(values(applied(RandomAffine{}, from, {}).view()) == before);
  CHECK(values(applied(Translate{}, from, {}).view()) == before);
  CHECK(values(applied(Lens{}, from, {0, 0}).view()) == before);
  CHECK(values(applied(Perspective{}, from, {}).view()) == before);
  CHECK(values(applied(Elastic{.alpha = 0}, from, {77}).view()) == before);
}

TEST_CASE("a quarter turn to the left puts the right column on top", "[augment][warp]") {
  const Sampling sampling = GENERATE(Sampling::bilinear, Sampling::nearest);
  const Image from = noise({20, 20}, PixelType::u8);
  const Image to = applied(Rotate{.canvas = {.sampling = sampling}}, from, {90});
  int wrong = 0;
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 20; ++x) wrong += pixel(to, x, y, 1) == pixel(from, 19 - y, x, 1) ? 0 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("a nearest warp takes the pixel that covers the position", "[augment][warp]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Image from = noise({41, 37}, type);
  Rotate rotate{.canvas = {.sampling = Sampling::nearest, .fill = {7, 7, 7}}};
  const Image to = applied(rotate, from, {31.3});
  const PlaneMap map = rotate.map({31.3}, from.extent());
  int wrong = 0;
  for (int y = 0; y < 37; ++y)
    for (int x = 0; x < 41; ++x) {
      const Position at = map({x + 0.5, y + 0.5});
      const bool in = at.x >= 0 && at.x < 41 && at.y >= 0 && at.y < 37;
      const double expected =
          in ? pixel(from, static_cast<int>(at.x), static_cast<int>(at.y), 2) : 7;
      wrong += pixel(to, x, y, 2) == expected ? 0 : 1;
    }
  CHECK(wrong == 0);
}

TEST_CASE("a translation moves whole pixels and fills what it uncovers", "[augment][translate]") {
  const Image from = test::u8_image({3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9,  //
                                             11, 12, 13, 14, 15, 16, 17, 18, 19});
  const Translate translate{.fill = {50, 60, 70}};
  CHECK(values(applied(translate, from, {1, 0}).view()) ==
        std::vector<float>{50, 60, 70, 1, 2, 3, 4, 5, 6,  //
                           50, 60, 70, 11, 12, 13, 14, 15, 16});
  CHECK(values(applied(translate, from, {-2, -1}).view()) ==
        std::vector<float>{17, 18, 19, 50, 60, 70, 50, 60, 70,  //
                           50, 60, 70, 50, 60, 70, 50, 60, 70});
  const auto gone = values(applied(translate, from, {9, 0}).view());
  CHECK(std::vector<float>(gone.begin(), gone.begin() + 3) == std::vector<float>{50, 60, 70});
  CHECK(translate.map({2, -3}, {9, 9}) == Affine{1, -2, 1, 3});
}

TEST_CASE("an affine of one kind alone is that operation", "[augment][affine]") {
  const Extent extent{60, 44};
  const auto close = [&](const PlaneMap& a, const PlaneMap& b) {
    for (const Position p : {Position{0, 0}, {60, 0}, {13, 44}}) {
      CHECK(a(p).x == Approx(b(p).x).margin(1e-9));
      CHECK(a(p).y == Approx(b(p).y).margin(1e-9));
    }
  };
  close(RandomAffine{}.map({.degrees = 27}, extent), Rotate{}.map({27}, extent));
  close(RandomAffine{}.map({.shear_x = 9}, extent), Shear{}.map({9, 0}, extent));
  close(RandomAffine{}.map({.shear_y = -6}, extent), Shear{}.map({0, -6}, extent));
  close(RandomAffine{}.map({.scale = 1.3}, extent), Stretch{}.map({1.3, 1.3}, extent));
  close(RandomAffine{}.map({.x = 4, .y = -2}, extent), {.x0 = -4, .y0 = 2});
}

TEST_CASE("perspective puts the image's corners where its decision says",
          "[augment][perspective]") {
  const Perspective::Decision decision{{0.3F, 0.2F}, {0.1F, 0.4F}, {0.25F, 0.05F}, {0.0F, 0.35F}};
  const Projection map = Perspective{}.map(decision, {80, 60});
  const auto goes = [&](Position out, Position in) {
    CHECK(map(out).x == Approx(in.x).margin(1e-5));
    CHECK(map(out).y == Approx(in.y).margin(1e-5));
  };
  goes({40 * 0.3, 30 * 0.2}, {0, 0});
  goes({80 - 40 * 0.1, 30 * 0.4}, {80, 0});
  goes({80 - 40 * 0.25, 60 - 30 * 0.05}, {80, 60});
  goes({0, 60 - 30 * 0.35}, {0, 60});
}

TEST_CASE("a lens keeps the centre and moves the corners by its coefficients", "[augment][lens]") {
  const RadialMap map = Lens{}.map({.k1 = 0.2, .k2 = 0.1}, {80, 60});
  CHECK(map({40, 30}).x == 40);
  CHECK(map({0, 0}).x == Approx(40 - 40 * 1.3));
  CHECK(map({80, 60}).y == Approx(30 + 30 * 1.3));
}

TEST_CASE("an elastic field is smooth, of its strength, and another one for another seed",
          "[augment][elastic]") {
  // A ramp shows the displacement along x: away from edges, grey level = 2 * position.
  std::vector<float> ramp;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 100; ++x)
      for (int c = 0; c < 3; ++c) ramp.push_back(2 * (static_cast<float>(x) + 0.5F));
  const Image from = test::f32_image({100, 64}, ramp);
  const Elastic elastic{.alpha = 34, .sigma = 4};
  double sum = 0, squares = 0, steps = 0;
  int count = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Image to = applied(elastic, from, {seed});
    for (int y = 16; y < 48; ++y)
      for (int x = 16; x < 84; ++x, ++count) {
        const double moved = pixel(to, x, y, 0) / 2 - (x + 0.5);
        sum += moved;
        squares += moved * moved;
        steps = std::max(steps, std::abs(pixel(to, x + 1, y, 0) / 2 - (x + 1.5) - moved));
      }
  }
  // A smoothed uniform field deviates by alpha / sqrt(3) / (2 sqrt(pi) sigma) pixels.
  CHECK(std::sqrt(squares / count) == Approx(34 / std::sqrt(3) / (2 * 1.7725 * 4)).epsilon(0.06));
  CHECK(std::abs(sum / count) < 0.2);
  CHECK(steps < 1.5);
  const Image to = applied(elastic, from, {5});
  CHECK(values(to.view()) != values(applied(elastic, from, {6}).view()));
  CHECK(values(to.view()) == values(applied(elastic, from, {5}).view()));
}

TEST_CASE("warps take images of one row, one pixel and none", "[augment][warp]") {
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Extent extent =
      GENERATE(Extent{1, 1}, Extent{200, 1}, Extent{1, 200}, Extent{0, 0}, Extent{3, 4000});
  const Image from = noise(extent, type);
  CHECK(applied(Rotate{}, from).extent() == extent);
  CHECK(applied(Shear{}, from).extent() == extent);
  CHECK(applied(Stretch{}, from).extent() == extent);
  CHECK(applied(Translate{}, from).extent() == extent);
  CHECK(applied(RandomAffine{}, from).extent() == extent);
  CHECK(applied(Perspective{}, from).extent() == extent);
  CHECK(applied(Lens{}, from).extent() == extent);
  CHECK(applied(Elastic{.sigma = 2}, from).extent() == extent);
}

TEST_CASE("warps refuse parameters out of range by name", "[augment][warp]") {
  CHECK_THROWS_WITH((Rotate{.degrees = {5, -5}}.check()),
                    Catch::Contains("rotate: degrees is 5 to -5"));
  CHECK_THROWS_WITH((Rotate{.degrees = {0, 361}}.check()), Catch::Contains("-360 and 360"));
  CHECK_THROWS_WITH((Shear{.y = {-90, 0}}.check()), Catch::Contains("shear: y is -90"));
  CHECK_THROWS_WITH((Stretch{.x = {0, 1}}.check()), Catch::Contains("stretch: x is 0"));
  CHECK_THROWS_WITH((Translate{.x = {0, 1.5}}.check()),
                    Catch::Contains("translate: x is 0 to 1.5"));
  CHECK_THROWS_WITH((RandomAffine{.scale = {0, 1}}.check()), Catch::Contains("affine: scale is 0"));
  CHECK_THROWS_WITH(Perspective{.distortion = 0.7}.check(), Catch::Contains("distortion is 0.7"));
  CHECK_THROWS_WITH((Lens{.k1 = {-0.4, 0}}.check()), Catch::Contains("fold the corners over"));
  CHECK_THROWS_WITH(Elastic{.sigma = 0.1}.check(), Catch::Contains("sigma is 0.1"));
  CHECK_THROWS_WITH((Rotate{.canvas = {.fill = {0, 256, 0}}}.check()),
                    Catch::Contains("rotate: fill is 256"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS((Rotate{.degrees = {nan, nan}}.check()));
  CHECK_THROWS(Elastic{.alpha = nan}.check());
  CHECK_NOTHROW(Rotate{}.check());
  CHECK_NOTHROW(Lens{}.check());
}
