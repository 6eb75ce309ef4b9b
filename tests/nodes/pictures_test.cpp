// Pictures of what a net has learnt and looks at: where things lie, which colours values have, and
// that what a net does depend on is what lights up.
#include "nodes/run/pictures.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "nodes/run/filter_picture.h"
#include "nodes/run/saliency.h"
#include "nodes/run/tiles.h"
#include "runtime/arena.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Matchers::Contains;

Rgb pixel(const Image& image, int x, int y) {
  const std::uint8_t* at = image.view().u8(y) + x * kChannels;
  return {at[0], at[1], at[2]};
}

constexpr Rgb kWhite{255, 255, 255};
constexpr Rgb kBlack{0, 0, 0};
constexpr Rgb kMiddle{128, 128, 128};

// Its class 0 says how green the corner is, class 1 nothing.
constexpr int kSide = 12, kCorner = 4;
Net corner_net() {
  return {.name = "corner",
          .channels = 3,
          .side = kSide,
          .layers = {{"conv1", Conv2d{.out_channels = 3, .kernel = 1}},
                     {"scores", FullyConnected{2}},
                     {"loss", SoftmaxLoss{}}}};
}

bool in_corner(std::size_t at) {
  return at % kSide < kCorner && at / kSide < static_cast<std::size_t>(kCorner);
}

void write_corner(NetState& state) {
  state.write(0, std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  state.write(1, std::vector<float>{0, 0, 0});
  std::vector<float> scores(2 * 3 * kSide * kSide, 0.0F);
  for (std::size_t at = 0; at < kSide * kSide; ++at)
    if (in_corner(at)) scores[kSide * kSide + at] = 0.5F;  // class 0, green
  state.write(2, scores);
  state.write(3, std::vector<float>{0, 0});
}

// Dark, with a bright corner.
std::vector<float> corner_row() {
  std::vector<float> row(3 * kSide * kSide, 0.0F);
  for (std::size_t at = 0; at < kSide * kSide; ++at)
    for (std::size_t c = 0; c < 3; ++c) row[at * 3 + c] = in_corner(at) ? 1.0F : 0.0F;
  return row;
}

}  // namespace

TEST_CASE("tiles lie inside their picture and beside one another", "[nodes][pictures]") {
  for (const Tiles& tiles : {Tiles{.count = 1, .plane = {3, 2}},
                             Tiles{.count = 7, .plane = {4, 3}, .columns = 3, .scale = 2},
                             Tiles{.count = 9, .plane = {2, 2}, .columns = 2, .gap = 0},
                             Tiles{.count = 96, .plane = {11, 11}, .columns = 16, .blocks = 2},
                             square_tiles(20, {5, 9})}) {
    CAPTURE(tiles.count, tiles.columns, tiles.blocks);
    const Extent extent = extent_of(tiles);
    std::vector<int> covered(static_cast<std::size_t>(extent.pixels()), 0);
    for (int tile = 0; tile < tiles.count; ++tile) {
      const Box box = box_of(tiles, tile);
      REQUIRE(inside(box, extent));
      CHECK(box.extent.width == tiles.plane.width * tiles.scale);
      for (int y = box.top; y < box.bottom(); ++y)
        for (int x = box.left; x < box.right(); ++x)
          ++covered[static_cast<std::size_t>(y * extent.width + x)];
    }
    CHECK(*std::ranges::max_element(covered) == 1);
  }
}

TEST_CASE("runs of tiles stand in blocks of rows of their own", "[nodes][pictures]") {
  const Tiles tiles{.count = 6, .plane = {2, 2}, .columns = 2, .gap = 1, .blocks = 2};
  CHECK(box_of(tiles, 2).top == box_of(tiles, 0).top + 3);
  CHECK(box_of(tiles, 3).left == box_of(tiles, 0).left);
  CHECK(box_of(tiles, 3).top == box_of(tiles, 2).top + 3 + tiles.block_gap);
  CHECK(extent_of(tiles) == Extent{7, 13 + tiles.block_gap});
}

TEST_CASE("tiles show each pixel as a square, on white", "[nodes][pictures]") {
  const Image image = draw_tiles({.count = 2, .plane = {2, 1}, .columns = 2, .scale = 3, .gap = 2},
                                 [](int tile, int x, int) {
                                   return tile == 1 && x == 1 ? Rgb{9, 8, 7} : kBlack;
                                 });
  REQUIRE(image.extent() == Extent{18, 7});
  CHECK(pixel(image, 0, 0) == kWhite);
  CHECK(pixel(image, 2, 2) == kBlack);
  CHECK(pixel(image, 13, 2) == Rgb{9, 8, 7});
  CHECK(pixel(image, 15, 4) == Rgb{9, 8, 7});
  CHECK(pixel(image, 12, 4) == kBlack);
  CHECK(pixel(image, 16, 4) == kWhite);
}

TEST_CASE("a picture that would be too large is refused", "[nodes][pictures]") {
  CHECK_THROWS_WITH(extent_of({.count = 4096, .plane = {1024, 1024}, .columns = 64}),
                    Contains("4096 planes of 1024 x 1024"));
}

TEST_CASE("values that are never negative go from black, others around a middle grey",
          "[nodes][pictures]") {
  const GreyScale positive = grey_scale(std::vector<float>{0.5F, 2.0F});
  CHECK(positive.level(0.0) == 0.0);
  CHECK(positive.level(2.0) == 1.0);
  const GreyScale both = grey_scale(std::vector<float>{-4.0F, 2.0F, std::nanf("")});
  CHECK(grey(both.level(0.0)) == kMiddle);
  CHECK(both.level(-4.0) == 0.0);
  CHECK(both.level(4.0) == 1.0);
  CHECK(both.level(std::nan("")) == 0.0);
  CHECK(grey(grey_scale(std::vector<float>{0.0F, 0.0F}).level(0.0)) == kMiddle);
}

TEST_CASE("heat rises from black by red and yellow to white, falls are red and gains blue",
          "[nodes][pictures]") {
  CHECK(heat(0.0) == kBlack);
  CHECK(heat(1.0 / 3) == Rgb{255, 0, 0});
  CHECK(heat(2.0 / 3) == Rgb{255, 255, 0});
  CHECK(heat(1.0) == kWhite);
  CHECK(blue_to_red(1.0)[0] > blue_to_red(1.0)[2]);
  CHECK(blue_to_red(-1.0)[2] > blue_to_red(-1.0)[0]);
  CHECK(mixed(kBlack, kWhite, 0.0) == kBlack);
  CHECK(mixed(kBlack, kWhite, 1.0) == kWhite);
}

TEST_CASE("a part of all values lies below a quantile", "[nodes][pictures]") {
  const std::vector<float> values = {4, 1, 3, 0, 2};
  CHECK(quantile(values, 0.0) == 0.0);
  CHECK(quantile(values, 0.5) == 2.0);
  CHECK(quantile(values, 1.0) == 4.0);
  CHECK(quantile({}, 0.5) == 0.0);
}

TEST_CASE("kernels are shown in their colours, each around its own zero", "[nodes][pictures]") {
  const Net net{.name = "n",
                .channels = 3,
                .side = 4,
                .layers = {{"first", Conv2d{.out_channels = 2, .kernel = 2}},
                           {"relu", Relu{}},
                           {"scores", FullyConnected{2}},
                           {"loss", SoftmaxLoss{}}}};
  REQUIRE(first_convolution(net) == std::size_t{0});
  std::vector<float> weights(2 * 3 * 4, 0.0F);
  weights[0] = 2.0F;        // kernel 0, red, upper left
  weights[4 + 3] = -2.0F;   // kernel 0, green, lower right
  weights[12 + 8] = 0.02F;  // kernel 1, blue, upper left: as bright as kernel 0's
  const FilterPicture filters = filter_picture(net, 0, weights);
  const Tiles tiles{.count = 2, .plane = {2, 2}, .columns = 2, .scale = 30};
  REQUIRE(filters.image.extent() == extent_of(tiles));
  const auto shown = [&](int kernel, int x, int y) {
    const Box box = box_of(tiles, kernel);
    return pixel(filters.image, box.left + 30 * x + 5, box.top + 30 * y + 5);
  };
  CHECK(shown(0, 0, 0) == Rgb{255, 128, 128});
  CHECK(shown(0, 1, 1) == Rgb{128, 0, 128});
  CHECK(shown(0, 1, 0) == kMiddle);
  CHECK(shown(1, 0, 0) == Rgb{128, 128, 255});
  CHECK(filters.strongest == Approx(2.0));
  CHECK(filters.faintest == Approx(0.02));
}

TEST_CASE("AlexNet's kernels stand in two towers, LeNet's are grey", "[nodes][pictures]") {
  const auto filters_for = [](const Net& net) {
    const NetState state(net, 1);
    return *filters_of(net, state);
  };
  const FilterPicture paper = filters_for(alexnet({.classes = 5}));
  CHECK(paper.kernels == 96);
  CHECK(paper.side == 11);
  CHECK(paper.towers == 2);
  CHECK_THAT(words_of(paper), Contains("96 kernels of 11 x 11 x 3") && Contains("2 blocks"));
  CHECK(filters_for(alexnet({.variant = "owt", .classes = 5})).towers == 1);
  const FilterPicture digits = filters_for(lenet({}));
  CHECK(digits.channels == 1);
  const int centre = digits.image.extent().height / 2;
  for (int x = 0; x < digits.image.extent().width; ++x) {
    const Rgb colour = pixel(digits.image, x, centre);
    CHECK((colour[0] == colour[1] && colour[1] == colour[2]));
  }
}

TEST_CASE("many kernels are shown smaller on a page", "[nodes][pictures]") {
  const Net net{.name = "wide",
                .channels = 3,
                .side = 4,
                .layers = {{"first", Conv2d{.out_channels = 1024, .kernel = 2}},
                           {"scores", FullyConnected{2}},
                           {"loss", SoftmaxLoss{}}}};
  const NetState state(net, 1);
  const Extent whole = filters_of(net, state)->image.extent();
  CHECK(whole.height > 720);
  const std::vector<io::Picture> pictures = filters_on_page(net, state);
  REQUIRE(pictures.size() == 1);
  CHECK(pictures.front().shown.height == 720);
  CHECK(pictures.front().shown.width == whole.width * 720 / whole.height);
}

TEST_CASE("usual layers are the first convolution's activation and the last pooling",
          "[nodes][pictures]") {
  CHECK(usual_layers(alexnet({})) == std::vector<std::string>{"relu1", "pool5"});
  CHECK(usual_layers(vgg({.variant = "A"})).size() == 2);
  const Net plain{.layers = {{"a", Conv2d{}}, {"scores", FullyConnected{2}}, {"l", SoftmaxLoss{}}}};
  CHECK(usual_layers(plain) == std::vector<std::string>{"a"});
}

TEST_CASE("the square goes to the far edge, whatever its step", "[nodes][pictures]") {
  CHECK(square_starts(10, {.side = 4, .step = 3}) == std::vector<int>{0, 3, 6});
  CHECK(square_starts(10, {.side = 4, .step = 4}) == std::vector<int>{0, 4, 6});
  CHECK(square_starts(10, {.side = 10, .step = 1}) == std::vector<int>{0});
  CHECK(square_starts(10, {.side = 1, .step = 100}) == std::vector<int>{0, 9});
  CHECK_THROWS_WITH(square_starts(10, {.side = 11, .step = 1}), Contains("valid: 1 to 10"));
  CHECK_THROWS_WITH(square_starts(10, {.side = 2, .step = 0}), Contains("1 or more"));
  for (const int side : {1, 28, 64, 224}) CHECK_NOTHROW(square_starts(side, usual_square(side)));
}

TEST_CASE("a square covers its pixels with the mean colour and no others", "[nodes][pictures]") {
  std::vector<float> row;
  for (int i = 0; i < 3 * 3 * 2; ++i) row.push_back(static_cast<float>(i));
  const std::array<float, 3> colour = mean_colour(row, 2);
  CHECK(colour[0] == Approx(8.0));
  CHECK(colour[1] == Approx(9.0));
  std::vector<float> covered(row.size());
  cover(row, {.side = 3, .channels = 2}, {.side = 2, .step = 1}, {.left = 1, .top = 1}, colour,
        covered);
  const std::set<std::size_t> inside_square = {4, 5, 7, 8};
  for (std::size_t at = 0; at < 9; ++at) {
    CAPTURE(at);
    const bool under = inside_square.contains(at);
    CHECK(covered[2 * at] == (under ? colour[0] : row[2 * at]));
    CHECK(covered[2 * at + 1] == (under ? colour[1] : row[2 * at + 1]));
  }
}

TEST_CASE("a pixel's fall is the mean over the squares that cover it", "[nodes][pictures]") {
  const OcclusionMap map{.square = {.side = 2, .step = 1},
                         .starts = {0, 1},
                         .whole = 0.8,
                         .probabilities = {0.2, 0.4, 0.8, 1.0}};
  const std::vector<float> falls = mean_falls(map, 3);
  const std::vector<double> expected = {0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0, -0.1, -0.2};
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(falls[i]) == Approx(expected[i]).margin(1e-6));

  const OcclusionMap gaps{.square = {.side = 1, .step = 2},
                          .starts = {0, 2},
                          .whole = 0.5,
                          .probabilities = {0.1, 0.1, 0.1, 0.1}};
  CHECK(mean_falls(gaps, 3)[4] == 0.0F);
}

TEST_CASE("saliency is the largest slope over the colours", "[nodes][pictures]") {
  CHECK(largest_slopes(std::vector<float>{1, -5, 2, 3, -4, 0}, 3) == std::vector<float>{4, 5});
  const std::vector<float> broken = largest_slopes(std::vector<float>{std::nanf(""), 1, 2, 3}, 2);
  CHECK(std::isnan(broken[0]));
  CHECK(broken[1] == 3.0F);
}

TEST_CASE("a slope is white though nearly all pixels have none", "[nodes][pictures]") {
  std::vector<float> slopes(1000, 0.0F);
  CHECK(white_slope(slopes) == 0.0);
  slopes[7] = 3.0F;
  CHECK(white_slope(slopes) == 3.0);
  for (std::size_t i = 0; i < slopes.size(); ++i) slopes[i] = static_cast<float>(i);
  CHECK(white_slope(slopes) == Approx(994.0).margin(1.0));
}

TEST_CASE("saliency and occlusion light up where the class comes from", "[nodes][pictures]") {
  const Net net = corner_net();
  const std::vector<float> row = corner_row();
  for (const std::string& name : available_backends()) {
    if (name == "cudnn") continue;
    CAPTURE(name);
    NetState state(net, 1);
    write_corner(state);
    std::vector<float> slopes, falls;
    OcclusionMap map;
    int batches = 0;
    Arena arena(2);
    arena.run([&] {
      const auto backend = make_backend(name);
      const auto back =
          backend->compile(net, state, {.batch = 1, .purpose = Purpose::row_gradients});
      slopes = Look(*back, row, 0).slopes();
      const auto copies = backend->compile(net, state, {.batch = 5});
      map = occlusion_map({.program = *copies, .batch = 5, .shape = {kSide, 3}, .of_class = 0}, row,
                          {.side = 4, .step = 4}, [&](const OcclusionProgress& now) {
                            CHECK(now.done == 5 * static_cast<std::size_t>(batches++));
                            CHECK(now.all == 9);
                          });
      falls = mean_falls(map, kSide);
    });
    for (std::size_t at = 0; at < slopes.size(); ++at)
      CHECK(slopes[at] == (in_corner(at) ? 0.5F : 0.0F));
    REQUIRE(map.probabilities.size() == 9);
    CHECK(batches == 2);
    CHECK(map.whole > 0.99);
    CHECK(map.probabilities[0] < 0.8);
    for (std::size_t at = 0; at < falls.size(); ++at) {
      if (in_corner(at))
        CHECK(falls[at] > 0.2F);
      else
        CHECK(static_cast<double>(falls[at]) == Approx(0.0).margin(1e-6));
    }
  }
}

TEST_CASE("what a net says is known to be no number with a part covered too", "[nodes][pictures]") {
  OcclusionMap map{.square = {}, .starts = {0}, .whole = 0.5, .probabilities = {0.5}};
  CHECK(is_finite(map));
  map.probabilities = {std::nan("")};
  CHECK_FALSE(is_finite(map));
  map = {.square = {}, .starts = {0}, .whole = std::nan(""), .probabilities = {0.5}};
  CHECK_FALSE(is_finite(map));
}

TEST_CASE("activations are maps on one scale, units a square", "[nodes][pictures]") {
  const std::vector<float> values = {0, 1, 2, 3, 4, 4, 4, 4};
  const ActivationPicture maps = activation_picture({1, 2, 2, 2}, values);
  CHECK(maps.maps == 2);
  CHECK(maps.map == Extent{2, 2});
  CHECK(maps.picture.scale.white == 4.0);
  const Box second = box_of(square_tiles(2, {2, 2}), 1);
  CHECK(pixel(maps.picture.image, second.left, second.top) == kWhite);
  CHECK(pixel(maps.picture.image, 2, 2) == kBlack);
  const ActivationPicture units = activation_picture({1, 5}, std::vector<float>{0, 1, 2, 3, 4});
  CHECK(units.maps == 5);
  CHECK(units.picture.image.extent() == Extent{159, 106});
  CHECK(pixel(units.picture.image, 60, 60) == kWhite);
}

TEST_CASE("what the net sees is stretched, and small rows are enlarged", "[nodes][pictures]") {
  std::vector<float> row(28 * 28, -0.5F);
  row[29] = 1.5F;
  const ScaledPicture seen = row_picture(row, {.side = 28, .channels = 1});
  CHECK(seen.image.extent() == Extent{224, 224});
  CHECK(seen.scale.black == -0.5);
  CHECK(seen.scale.white == 1.5);
  CHECK(pixel(seen.image, 8, 8) == kWhite);
  CHECK(pixel(seen.image, 15, 15) == kWhite);
  CHECK(pixel(seen.image, 16, 16) == kBlack);
}

TEST_CASE("maps over an image show it where they are 0", "[nodes][pictures]") {
  std::vector<float> row = corner_row();
  std::vector<float> values(kSide * kSide, 0.0F);
  values.back() = 2.0F;
  const RowShape shape{.side = kSide, .channels = 3};
  const Image over = heat_over(values, 2.0, row, shape);
  const int last = over.extent().width - 1;
  CHECK(pixel(over, last, last) == kWhite);
  CHECK(pixel(over, 0, 0) == grey(0.6));
  CHECK(pixel(over, last, 0) == kBlack);
  CHECK(white_slope(values) == 2.0);  // 99.5 % have none
  CHECK(pixel(map_picture(values, kSide, white_slope(values)), last, last) == kWhite);
  const Image falls = falls_over(values, 2.0, row, shape);
  CHECK(pixel(falls, last, last)[0] > pixel(falls, last, last)[2] + 50);
  CHECK(pixel(falls, 0, 0) == kWhite);
  CHECK(pixel(fall_picture(values, kSide, 0.0), last, last) == blue_to_red(0.0));
}

}  // namespace sluice::nodes
