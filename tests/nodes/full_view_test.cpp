// Sizes of whole images are known from headers and draws, before a pixel is decoded.
#include "nodes/run/full_view.h"

#include <algorithm>
#include <string>
#include <vector>

#include "io/encode_jpeg.h"
#include "nodes/augment_chain.h"
#include "nodes/run/setup.h"
#include "nodes/run/stage_image.h"
#include "nodes/run/statistics.h"
#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using io::test::TempFolder;

constexpr Extent kPhotos[] = {{300, 260}, {250, 400}, {240, 240}, {100, 600}};

std::string jpeg_of(Extent extent) {
  const Image image(extent, PixelType::u8);
  const std::vector<std::byte> bytes = io::encode_jpeg(image.view(), {});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

io::Dataset photos(const TempFolder& folder) {
  int number = 0;
  for (const Extent extent : kPhotos)
    folder.add("train/cat/" + std::to_string(number++) + ".jpg", jpeg_of(extent));
  folder.add("train/dog/broken.jpg", "no picture");
  return io::open_labelled(folder.path(), {.val_fraction = 0.0}).train;
}

// Crops come out; the rescale stays.
io::Recipe full_recipe(std::vector<std::pair<std::string, io::RecipeValue>> rescale) {
  io::Recipe recipe = default_recipe("alexnet", "owt");
  recipe.set("train.view", "full");
  recipe.augment = {{.node = "rescale", .name = "rescale", .use = true, .parameters = rescale},
                    {.node = "random-crop",
                     .name = "random-crop",
                     .use = true,
                     .parameters = {{"side", std::int64_t{224}}}},
                    {.node = "flip", .name = "flip", .use = true, .parameters = {}}};
  return recipe;
}

TEST_CASE("rows of whole images are rounded down, and one that cannot be read has the net's size",
          "[nodes][full]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const io::Recipe recipe = full_recipe({{"side", std::int64_t{224}}});
  const FullView view(data, recipe, make_net(recipe, 2));
  CHECK(view.sizes_in(0) == RowSizes{{256, 224}, {224, 352}, {224, 224}, {224, 1344}, {224, 224}});
  CHECK(view.largest() == Extent{224, 1344});
  CHECK(view.count() == 4);
  CHECK(view.sizes_in(7) == view.sizes_in(0));
}

TEST_CASE("sizes have the draws that the chain makes of each image in each epoch",
          "[nodes][full]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  io::Recipe recipe = full_recipe({{"side", std::int64_t{224}}, {"to", std::int64_t{320}}});
  recipe.set("train.full_step", "1");
  const FullView view(data, recipe, make_net(recipe, 2));
  const graph::Chain chain = make_chain(training_chain(recipe), neutral_statistics(recipe));
  CHECK(chain.size() == 2);
  std::vector<int> sides;
  for (const std::uint32_t epoch : {0U, 1U, 2U}) {
    const RowSizes sizes = view.sizes_in(epoch);
    for (std::uint32_t number = 0; number < 4; ++number) {
      Image image(kPhotos[number], PixelType::u8);
      for (const auto& stage : chain)
        image = apply_stage(*stage, static_cast<std::uint64_t>(recipe.integer("seed")),
                            {.epoch = epoch, .number = number}, image.view())
                    .image;
      CHECK(sizes[number] == image.extent());
      sides.push_back(image.extent().width);
    }
  }
  std::ranges::sort(sides);
  CHECK(std::ranges::adjacent_find(sides) == sides.end());
}

TEST_CASE("no epoch's row is larger than the room for it", "[nodes][full]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const io::Recipe recipe = full_recipe({{"side", std::int64_t{224}}, {"to", std::int64_t{512}}});
  const FullView view(data, recipe, make_net(recipe, 2));
  for (std::uint32_t epoch = 0; epoch < 2000; ++epoch)
    for (const Extent size : view.sizes_in(epoch)) {
      REQUIRE(size.pixels() <= view.largest().pixels());
      REQUIRE(std::min(size.width, size.height) >= 224);
    }
}

TEST_CASE("sizes with the most pixels and with the most windows are both known", "[nodes][full]") {
  const TempFolder folder;
  for (const Extent extent : {Extent{1344, 224}, Extent{548, 548}, Extent{500, 230}})
    folder.add("train/" + std::to_string(extent.width) + "/a.jpg", jpeg_of(extent));
  const io::Dataset data = io::open_labelled(folder.path(), {.val_fraction = 0.0}).train;
  io::Recipe recipe = full_recipe({});
  recipe.augment.erase(recipe.augment.begin());  // no rescale
  recipe.set("train.full_step", "1");
  const FullView view(data, recipe, make_net(recipe, 2));
  CHECK(view.largest() == Extent{1344, 224});
  REQUIRE(view.outermost().size() == 2);
  CHECK(std::ranges::find(view.outermost(), Extent{548, 548}) != view.outermost().end());
}

TEST_CASE("a chain that leaves no image large enough is refused in one line", "[nodes][full]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const io::Recipe recipe = full_recipe({{"side", std::int64_t{200}}});
  CHECK_THROWS_WITH(FullView(data, recipe, make_net(recipe, 2)),
                    Catch::Matchers::Contains("large as the net's 224 x 224"));
}

TEST_CASE("what whole images do not do is refused with what would be valid", "[nodes][full]") {
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"train.mixup", "0.2"},
                                                        {"train.cutmix", "1"},
                                                        {"train.replicas", "2"},
                                                        {"train.micro_batch", "4"},
                                                        {"run.dump", "somewhere"}}) {
    io::Recipe recipe = full_recipe({{"side", std::int64_t{224}}});
    const Net net = make_net(recipe, 2);
    CHECK_NOTHROW(check_full_view(recipe, net));
    recipe.set(key, value);
    CHECK_THROWS_WITH(check_full_view(recipe, net),
                      Catch::Matchers::Contains(key) && Catch::Matchers::Contains("valid: "));
  }
}

}  // namespace
}  // namespace sluice::nodes
