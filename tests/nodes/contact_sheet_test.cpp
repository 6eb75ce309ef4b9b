// Contact sheets: one seed gives one sheet, and chains are shown on the same draws.
#include "nodes/run/contact_sheet.h"

#include "io/encode_jpeg.h"
#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using io::test::TempFolder;

std::string jpeg_of(Extent extent, int tone) {
  Image image(extent, PixelType::u8);
  for (int y = 0; y < extent.height; ++y) {
    for (int x = 0; x < extent.width * kChannels; ++x)
      image.view().u8(y)[x] = static_cast<std::uint8_t>(5 * x + 9 * y + 30 * tone);
  }
  const std::vector<std::byte> bytes = io::encode_jpeg(image.view(), {});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

io::Dataset photos(const TempFolder& folder) {
  for (int i = 0; i < 6; ++i)
    folder.add(std::to_string(i) + ".jpg", jpeg_of({60 + 7 * i, 50 + 3 * i}, i));
  folder.add("broken.jpg", "no picture");
  return io::open_unlabelled(folder.path());
}

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters = {}) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

SheetChain chain(const std::string& name, bool with_flip) {
  SheetChain made{.name = name, .recipe = {}};
  made.recipe.set("seed", "3");
  made.recipe.augment = {entry("rescale", {{"side", std::int64_t{40}}}),
                         entry("random-crop", {{"side", std::int64_t{24}}})};
  if (with_flip) made.recipe.augment.push_back(entry("flip", {{"probability", 1.0}}));
  return made;
}

TEST_CASE("one seed gives one sheet, and a file that is none is passed over", "[nodes][sheet]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const std::vector<SheetChain> chains = {chain("plain", false)};
  const SheetRequest request{.images = 6, .draws = 3, .side = 32};
  const io::Sheet sheet = contact_sheet(data, chains, request);
  REQUIRE(sheet.images.size() == 6);
  CHECK(sheet.images[0].rows.at(0).cells.size() == 3);
  CHECK(io::sheet_page(sheet) == io::sheet_page(contact_sheet(data, chains, request)));
  const auto& cells = sheet.images[0].rows[0].cells;
  CHECK(cells[0].extent == Extent{24, 24});
  CHECK((cells[0].words != cells[1].words || cells[1].words != cells[2].words));
}

TEST_CASE("nodes that two chains share decide the same in both", "[nodes][sheet]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const std::vector<SheetChain> chains = {chain("plain", false), chain("flipped", true)};
  const io::Sheet sheet = contact_sheet(data, chains, {.images = 4, .draws = 4, .side = 32});
  for (const io::SheetImage& image : sheet.images) {
    REQUIRE(image.rows.size() == 2);
    for (std::size_t draw = 0; draw < 4; ++draw) {
      const io::SheetCell& plain = image.rows[0].cells[draw];
      const io::SheetCell& flipped = image.rows[1].cells[draw];
      REQUIRE(flipped.words.size() == plain.words.size() + 1);
      CHECK(std::equal(plain.words.begin(), plain.words.end(), flipped.words.begin()));
      CHECK(flipped.words.back() == "flip: mirrored");
      const ConstImageView a = plain.picture.view(), b = flipped.picture.view();
      for (int x = 0; x < 24; ++x) CHECK(a.u8(5)[x * kChannels] == b.u8(5)[(23 - x) * kChannels]);
    }
  }
}

TEST_CASE("stages stand side by side, and images that fit no chain are said", "[nodes][sheet]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  std::vector<SheetChain> chains = {chain("plain", true)};
  const io::Sheet sheet =
      contact_sheet(data, chains, {.view = SheetView::stages, .images = 1, .side = 64});
  std::vector<std::string> names;
  for (const io::SheetCell& cell : sheet.images.at(0).rows.at(0).cells) names.push_back(cell.name);
  CHECK(names == std::vector<std::string>{"decode", "rescale", "random-crop", "flip"});
  chains[0].recipe.augment.erase(chains[0].recipe.augment.begin());  // crops need 24 pixels
  chains[0].recipe.augment[0].parameters = {{"side", std::int64_t{4000}}};
  CHECK_THROWS_WITH(contact_sheet(data, chains, {}), Catch::Contains("can go through the chain"));
}

}  // namespace
}  // namespace sluice::nodes
