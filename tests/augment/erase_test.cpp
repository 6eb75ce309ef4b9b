#include "augment/erase.h"

#include <cmath>
#include <set>

#include "runtime/error.h"
#include "tests/augment/distribution.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::values;
using Floats = std::vector<float>;

namespace {

bool in_box(const Box& box, int x, int y) {
  return x >= box.left && x < box.right() && y >= box.top && y < box.bottom();
}

}  // namespace

TEST_CASE("erase fills its rectangle and nothing else", "[augment][erase]") {
  const auto type = GENERATE(PixelType::u8, PixelType::f32);
  const auto with = GENERATE(ErasedWith::level, ErasedWith::colour, ErasedWith::noise);
  const Image image = noise({20, 15}, type);
  const Erase::Decision decision{.seed = 77, .box = {.left = 4, .top = 6, .extent = {9, 5}}};
  const Floats in = values(image.view());
  const Floats out = values(applied(Erase{.with = with, .fill = 33}, image, decision).view());
  std::set<float> inside;
  for (int y = 0; y < 15; ++y)
    for (int x = 0; x < 20; ++x)
      for (int c = 0; c < 3; ++c) {
        const auto i = static_cast<std::size_t>((y * 20 + x) * 3 + c);
        if (in_box(decision.box, x, y))
          inside.insert(out[i]);
        else
          REQUIRE(out[i] == in[i]);
      }
  if (with == ErasedWith::level) CHECK(inside == std::set<float>{33});
  if (with == ErasedWith::colour) CHECK(inside.size() <= 3);
  if (with == ErasedWith::noise) CHECK(inside.size() > 60);
  CHECK(values(applied(Erase{}, image, {}).view()) == in);
}

TEST_CASE("erased bytes are evenly spread", "[augment][erase]") {
  const Image image = noise({100, 100}, PixelType::u8);
  const Erase::Decision decision{.seed = 5, .box = {.extent = {99, 99}}};
  const Image out = applied(Erase{.with = ErasedWith::noise}, image, decision);
  std::vector<int> inside;
  for (int y = 0; y < 99; ++y)
    inside.insert(inside.end(), out.view().u8(y), out.view().u8(y) + 99 * 3);
  CHECK(test::chi_square_even(inside, 256) < test::kChiSquareBound);
}

TEST_CASE("rectangles have the area, the shape and the place that were asked for",
          "[augment][erase]") {
  const Extent image{4000, 3000};  // so large that rounding does not show
  const auto box = [](const Erase::Decision& decision) { return decision.box; };
  const auto boxes = test::drawn_values(Erase{}, image, box);
  std::vector<double> areas, shapes, lefts, tops;
  for (const Box& b : boxes) {
    REQUIRE(b.extent.pixels() > 0);
    REQUIRE(inside(b, image));
    areas.push_back(static_cast<double>(b.extent.pixels()) / 12e6);
    shapes.push_back(std::log(static_cast<double>(b.extent.height) / b.extent.width));
    lefts.push_back(b.left / (4000.0 - b.extent.width));
    tops.push_back(b.top / (3000.0 - b.extent.height));
  }
  CHECK(test::kolmogorov_uniform(lefts, 0, 1) < test::kKolmogorovBound);
  CHECK(test::kolmogorov_uniform(tops, 0, 1) < test::kKolmogorovBound);
  // Up to a fifth of the area every shape fits, so nothing is drawn again.
  const auto small = test::drawn_values(Erase{.area_to = 0.2}, image, box);
  areas.clear();
  shapes.clear();
  for (const Box& b : small) {
    areas.push_back(static_cast<double>(b.extent.pixels()) / 12e6);
    shapes.push_back(std::log(static_cast<double>(b.extent.height) / b.extent.width));
  }
  CHECK(test::kolmogorov_uniform(areas, 0.02, 0.2) < test::kKolmogorovBound);
  CHECK(test::kolmogorov_uniform(shapes, std::log(0.3), std::log(3.3)) < test::kKolmogorovBound);
}

TEST_CASE("where no rectangle fits nothing is erased", "[augment][erase]") {
  Random random = test::some_random();
  const Erase::Decision decision =
      Erase{.area = 0.98, .area_to = 1, .ratio = 1, .ratio_to = 1}.draw(random, {50, 40});
  CHECK(decision.box.extent.pixels() == 0);
  CHECK(decision.text() == "erase nothing");
  Random other = test::some_random();
  CHECK(Erase{}.draw(other, {1, 1}).box.extent.pixels() == 0);
  CHECK(Erase::Decision{0, {12, 40, {57, 80}}}.text() == "erase 57x80 at 12,40");
}

TEST_CASE("erase refuses parameters out of range", "[augment][erase]") {
  CHECK_NOTHROW(Erase{}.check());
  CHECK_THROWS_WITH((Erase{.area = 0.5}.check()), Catch::Contains("erase: area is 0.5 to 0.33"));
  CHECK_THROWS_WITH((Erase{.ratio = 0}.check()), Catch::Contains("erase: ratio"));
  CHECK_THROWS_WITH((Erase{.fill = 256}.check()), Catch::Contains("between 0 and 255"));
}
