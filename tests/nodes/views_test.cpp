#include "nodes/views.h"

#include "augment/flip.h"
#include "augment/grid_crop.h"
#include "augment/window.h"
#include "nodes/run/protocol.h"
#include "nodes/softmax.h"
#include "runtime/error.h"
#include "runtime/random.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

// Every value says where it is.
Image numbered(Extent extent, PixelType type) {
  Image image(extent, type);
  for (int y = 0; y < extent.height; ++y)
    for (int i = 0; i < extent.width * kChannels; ++i) {
      const int value = y * 37 + i;
      if (type == PixelType::f32)
        image.view().f32(y)[i] = static_cast<float>(value) - 99.5F;
      else
        image.view().u8(y)[i] = static_cast<std::uint8_t>(value);
    }
  return image;
}

// The view by the chain's own nodes: a grid crop, then a flip.
std::vector<float> by_nodes(const Image& image, const View& view, int side, int channels) {
  const augment::GridCrop crop{.side = side, .grid = view.grid, .cell = view.cell};
  Random random({});
  Image cut({side, side}, image.type()), turned({side, side}, image.type());
  crop.apply(image.view(), crop.draw(random, image.extent()), cut.view());
  augment::Flip{}.apply(cut.view(), {view.mirror}, turned.view());
  std::vector<float> row;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < channels; ++c) {
        const int at = x * kChannels + c;
        row.push_back(image.type() == PixelType::f32 ? turned.view().f32(y)[at]
                                                     : static_cast<float>(turned.view().u8(y)[at]));
      }
  return row;
}

TEST_CASE("rows of views are what crops and flips of the chain make", "[nodes][views]") {
  const std::vector<View> ten = find_protocol("ten-crop").parts.front().crops;
  const std::vector<View> fifty = find_protocol("multi-crop").parts.front().crops;
  for (const PixelType type : {PixelType::u8, PixelType::f32})
    for (const Extent extent : {Extent{13, 8}, {8, 21}, {8, 8}, {16, 15}})
      for (const int channels : {1, 3})
        for (const auto& all : {ten, fifty}) {
          const Image image = numbered(extent, type);
          const CollateViews collate{.side = 8, .channels = channels, .all = all};
          std::vector<float> rows(collate.row_floats() * all.size());
          REQUIRE(collate.store(image.view(), {}, rows).ok());
          for (std::size_t v = 0; v < all.size(); ++v) {
            const std::vector<float> row(
                rows.begin() + static_cast<std::ptrdiff_t>(v * collate.row_floats()),
                rows.begin() + static_cast<std::ptrdiff_t>((v + 1) * collate.row_floats()));
            CHECK(row == by_nodes(image, all[v], 8, channels));
          }
        }
}

TEST_CASE("an image smaller than a view is a bad item in one line", "[nodes][views]") {
  const CollateViews collate{.side = 8, .all = {View{}}};
  std::vector<float> rows(collate.row_floats());
  const auto stored = collate.store(numbered({8, 7}, PixelType::u8).view(), {}, rows);
  REQUIRE(!stored.ok());
  CHECK(stored.error().message.find("8 x 7") != std::string::npos);
}

TEST_CASE("a whole image and its mirror image stand behind its size", "[nodes][views]") {
  const Image image = numbered({9, 5}, PixelType::f32);
  const CollateWhole collate{.most_pixels = 50};
  std::vector<float> row(collate.row_floats());
  REQUIRE(collate.store(image.view(), {}, row).ok());
  CHECK(CollateWhole::extent_of(row) == Extent{9, 5});
  const std::span<const float> both = collate.images_of(row);
  REQUIRE(both.size() == 2 * 9 * 5 * 3);
  for (std::size_t y = 0; y < 5; ++y)
    for (std::size_t x = 0; x < 9; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        const float value = image.view().f32(static_cast<int>(y))[x * 3 + c];
        CHECK(both[(y * 9 + x) * 3 + c] == value);
        CHECK(both[135 + (y * 9 + 8 - x) * 3 + c] == value);
      }
  CHECK(!collate.store(numbered({10, 6}, PixelType::f32).view(), {}, row).ok());
  const CollateWhole large{.least_side = 6, .most_pixels = 50};
  CHECK(!large.store(image.view(), {}, row).ok());
}

TEST_CASE("softmax adds up to 1 and does not overflow", "[nodes][views]") {
  const std::vector<float> scores{1000.0F, 999.0F, -1000.0F};
  std::vector<double> p(3);
  softmax(scores, p);
  CHECK(p[0] == Approx(1.0 / (1.0 + std::exp(-1.0))));
  CHECK(p[0] + p[1] + p[2] == Approx(1.0));
  CHECK(p[2] == 0.0);
}

}  // namespace
}  // namespace sluice::nodes
