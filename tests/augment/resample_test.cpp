// The filters, and the operations that bring an image to a size of their own.
#include "augment/resample.h"

#include <algorithm>
#include <cmath>

#include "augment/random_resized_crop.h"
#include "augment/rescale.h"
#include "augment/resize.h"
#include "augment/taps.h"
#include "augment/window.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::augment;
using sluice::test::applied;
using sluice::test::noise;
using sluice::test::values;

namespace {

constexpr Filter kFilters[] = {Filter::antialias, Filter::bilinear, Filter::bicubic,
                               Filter::lanczos, Filter::area};

// One axis of an area mean, by integrating over the covered stretch in double.
double covered_mean(const Image& image, int row, int channel, double begin, double end) {
  double sum = 0;
  for (int x = static_cast<int>(begin); x < std::ceil(end); ++x) {
    const double part = std::min(end, x + 1.0) - std::max(begin, static_cast<double>(x));
    sum += std::max(part, 0.0) * static_cast<double>(image.view().f32(row)[x * 3 + channel]);
  }
  return sum / (end - begin);
}

}  // namespace

TEST_CASE("the weights of every kernel sum to one and lie inside the image",
          "[augment][rescale][taps]") {
  const Kernel kernel = GENERATE(Kernel::cubic, Kernel::lanczos, Kernel::area);
  const int in = GENERATE(1, 2, 7, 256, 1000);
  const int out = GENERATE(1, 3, 224, 999);
  const TapAxis axis = whole_axis(in, out, kernel);
  const test::Scratch scratch(taps_bytes(axis));
  const auto taps = fixed_taps(axis, scratch.bytes());
  for (std::size_t x = 0; x < taps.ranges.size(); ++x) {
    const TapRange range = taps.ranges[x];
    std::int64_t sum = 0;
    for (int i = 0; i < range.count; ++i) sum += taps.of(x)[i];
    REQUIRE((range.first >= 0 && range.count >= 1 && range.first + range.count <= in));
    REQUIRE(static_cast<std::size_t>(range.count) <= taps.stride);
    REQUIRE(std::abs(sum - (1 << kWeightBits)) <= range.count);
  }
}

TEST_CASE("area takes the mean of what an output pixel covers", "[augment][rescale]") {
  const int in = GENERATE(1, 5, 40, 97);
  const int out = GENERATE(1, 4, 40, 120);
  const Image from = noise({in, 2}, PixelType::f32);
  const Image to = applied(Resize{.to = {out, 2}, .filter = Filter::area}, from);
  double worst = 0;
  for (int x = 0; x < out; ++x)
    for (int c = 0; c < 3; ++c) {
      const double scale = static_cast<double>(in) / out;
      const double expected = covered_mean(from, 1, c, x * scale, (x + 1) * scale);
      worst =
          std::max(worst, std::abs(expected - static_cast<double>(to.view().f32(1)[x * 3 + c])));
    }
  CHECK(worst < 1e-3);
}

TEST_CASE("every filter keeps an image of one colour, and one of its own size",
          "[augment][rescale]") {
  const Filter filter = GENERATE(from_range(std::begin(kFilters), std::end(kFilters)));
  const Extent extent = GENERATE(Extent{1, 1}, Extent{1, 40}, Extent{301, 7}, Extent{5, 4});
  std::vector<int> grey(static_cast<std::size_t>(extent.pixels()) * 3, 255);
  const Image from = test::u8_image(extent, grey);
  const auto after = values(applied(Resize{.to = {12, 9}, .filter = filter}, from).view());
  CHECK(std::ranges::all_of(after, [](float value) { return value == 255; }));
  const Image other = noise({12, 9}, PixelType::u8);
  CHECK(values(applied(Resize{.to = {12, 9}, .filter = filter}, other).view()) ==
        values(other.view()));
}

TEST_CASE("sharp filters clamp bytes and leave floats as they come", "[augment][rescale]") {
  const Filter filter = GENERATE(Filter::bicubic, Filter::lanczos);
  std::vector<int> bytes;
  for (int x = 0; x < 8; ++x)
    for (int c = 0; c < 3; ++c) bytes.push_back(x < 4 ? 0 : 255);
  const Resize resize{.to = {32, 1}, .filter = filter};
  const auto clamped = values(applied(resize, test::u8_image({8, 1}, bytes)).view());
  const Image floats = test::f32_image({8, 1}, {bytes.begin(), bytes.end()});
  const auto free = values(applied(resize, floats).view());
  CHECK(*std::ranges::min_element(clamped) == 0);
  CHECK(*std::ranges::max_element(clamped) == 255);
  CHECK(*std::ranges::min_element(free) < -5);
  CHECK(*std::ranges::max_element(free) > 260);
}

TEST_CASE("a resize gives the wished size, also to images of one row or pixel",
          "[augment][resize]") {
  const Filter filter = GENERATE(from_range(std::begin(kFilters), std::end(kFilters)));
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  for (const Extent extent : {Extent{1, 1}, {3, 4000}, {200, 1}, {1, 7}}) {
    const Image to = applied(Resize{.to = {31, 17}, .filter = filter}, noise(extent, type));
    CHECK(to.extent() == Extent{31, 17});
  }
  CHECK(Resize::Decision{{31, 17}}.text() == "resize to 31x17");
}

TEST_CASE("a resize maps corners to corners and leaves an empty image empty", "[augment][resize]") {
  const Affine map = Resize{}.map({{100, 50}}, {500, 375});
  CHECK(map({100, 50}).x == Approx(500));
  CHECK(map({100, 50}).y == Approx(375));
  Random random = test::some_random();
  CHECK(Resize{}.draw(random, {0, 7}).to == Extent{0, 7});
}

TEST_CASE("a resize refuses sides out of range by name", "[augment][resize]") {
  CHECK_THROWS_WITH((Resize{.to = {0, 5}}.check()), Catch::Contains("resize: width is 0"));
  CHECK_THROWS_WITH((Resize{.to = {5, 99999}}.check()),
                    Catch::Contains("resize: height is 99999") && Catch::Contains("16384"));
  CHECK_NOTHROW(Resize{}.check());
}

TEST_CASE("a random resized crop has the bits of a crop that is resized",
          "[augment][random_resized_crop]") {
  const Filter filter = GENERATE(from_range(std::begin(kFilters), std::end(kFilters)));
  const PixelType type = GENERATE(PixelType::u8, PixelType::f32);
  const Image image = noise({83, 61}, type);
  const RandomResizedCrop crop{.side = 24, .filter = filter};
  for (const Window window : {Window{{40, 30}, 7, 9}, Window{{24, 24}, 59, 37}, Window{{83, 61}},
                              Window{{24, 61}, 5, 0}, Window{{1, 1}, 82, 60}}) {
    Image cut(window.extent, type);
    copy_window(image.view(), window, cut.view());
    const Image expected = applied(Resize{.to = {24, 24}, .filter = filter}, cut);
    const Image to = applied(crop, image, {window, {24, 24}});
    CAPTURE(window.left, window.top);
    CHECK(values(to.view()) == values(expected.view()));
  }
}

TEST_CASE("a random resized crop falls back to the largest central window of a valid shape",
          "[augment][random_resized_crop]") {
  Random random = test::some_random();
  const RandomResizedCrop crop{.side = 10};
  const auto wide = crop.draw(random, {4000, 3});
  CHECK(wide.window == Window{{4, 3}, 1998, 0});
  const auto high = crop.draw(random, {3, 4000});
  CHECK(high.window == Window{{3, 4}, 0, 1998});
  CHECK(crop.draw(random, {1, 1}).window == Window{{1, 1}, 0, 0});
  CHECK(crop.draw(random, {0, 5}).to == Extent{0, 5});
}

TEST_CASE("a random resized crop's map carries corners to the window's corners",
          "[augment][random_resized_crop]") {
  const RandomResizedCrop::Decision decision{{{40, 30}, 7, 9}, {20, 20}};
  const Affine map = RandomResizedCrop{}.map(decision, {83, 61});
  CHECK(map({0, 0}).x == 7);
  CHECK(map({20, 20}).x == Approx(47));
  CHECK(map({20, 20}).y == Approx(39));
  CHECK(decision.text() == "crop 40x30 at 7,9 to 20x20");
}

TEST_CASE("a random resized crop refuses parameters out of range by name",
          "[augment][random_resized_crop]") {
  CHECK_THROWS_WITH(RandomResizedCrop{.side = 0}.check(), Catch::Contains("side is 0"));
  CHECK_THROWS_WITH((RandomResizedCrop{.scale = 0}.check()), Catch::Contains("scale is 0"));
  CHECK_THROWS_WITH((RandomResizedCrop{.scale = 0.5, .scale_to = 0.4}.check()),
                    Catch::Contains("the smaller one first"));
  CHECK_THROWS_WITH((RandomResizedCrop{.ratio = 2, .ratio_to = 1}.check()),
                    Catch::Contains("ratio is 2 to 1"));
  CHECK_NOTHROW(RandomResizedCrop{}.check());
}
