#include "io/report/sheet.h"

#include <png.h>

#include <algorithm>
#include <cstring>

#include "io/encode_png.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using Catch::Matchers::Contains;

Image filled(Extent extent, std::uint8_t level) {
  Image image(extent, PixelType::u8);
  std::memset(image.view().data, level, image_bytes(extent, PixelType::u8));
  return image;
}

// Two chains of one image, with a name that would like to be a script.
Sheet small_sheet() {
  Sheet sheet{.title = "1 image, 2 chains, seed 1", .images = {}};
  SheetImage image{.path = "a<script>.jpg", .label = "cat", .rows = {}};
  for (const char* chain : {"plain", "paper"}) {
    SheetRow row{.chain = chain, .cells = {}};
    for (std::uint8_t draw = 1; draw <= 3; ++draw)
      row.cells.push_back({.picture = filled({20, 10}, static_cast<std::uint8_t>(40 * draw)),
                           .extent = {200, 100},
                           .name = "draw " + std::to_string(draw),
                           .words = {"flip: mirrored"}});
    image.rows.push_back(std::move(row));
  }
  sheet.images.push_back(std::move(image));
  return sheet;
}

TEST_CASE("libpng reads back the pixels that were written", "[io][png]") {
  Image image({7, 3}, PixelType::u8);
  for (int i = 0; i < 7 * 3 * kChannels; ++i)
    image.view().u8(0)[i] = static_cast<std::uint8_t>(11 * i);
  const std::vector<std::byte> bytes = encode_png(image.view());
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) != 0);
  CHECK(png.width == 7);
  CHECK(png.height == 3);
  png.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> read(PNG_IMAGE_SIZE(png));
  REQUIRE(png_image_finish_read(&png, nullptr, read.data(), 0, nullptr) != 0);
  CHECK(std::memcmp(read.data(), image.view().data, read.size()) == 0);
  CHECK(encode_png(image.view()) == bytes);
  CHECK_THROWS_WITH(encode_png(Image({0, 3}, PixelType::u8).view()), Contains("no PNG"));
}

TEST_CASE("a sheet's page shows every picture with its decisions, and runs nothing",
          "[io][sheet]") {
  const std::string page = sheet_page(small_sheet());
  std::size_t pictures = 0;
  for (std::size_t at = page.find("<img"); at != std::string::npos; at = page.find("<img", at + 1))
    ++pictures;
  CHECK(pictures == 6);
  CHECK_THAT(page, Contains("flip: mirrored") && Contains("200 \u00d7 100") && Contains("paper"));
  CHECK(page.find("<script") == std::string::npos);
  CHECK_THAT(page, Contains("default-src 'none'"));
}

TEST_CASE("a sheet's picture holds every cell, letters below them and white between",
          "[io][sheet]") {
  const Image picture = sheet_picture(small_sheet());
  const ConstImageView view = picture.view();
  std::size_t by_level[256] = {};
  for (int y = 0; y < view.extent.height; ++y)
    for (int x = 0; x < view.extent.width; ++x) ++by_level[view.u8(y)[x * kChannels]];
  for (const int level : {40, 80, 120}) CHECK(by_level[level] == 2 * 20 * 10);
  CHECK(by_level[0] > 200);  // letters
  std::size_t all = 0;
  for (const int level : {0, 40, 80, 120, 255}) all += by_level[level];
  CHECK(all == static_cast<std::size_t>(view.extent.pixels()));
}

}  // namespace
}  // namespace sluice::io
