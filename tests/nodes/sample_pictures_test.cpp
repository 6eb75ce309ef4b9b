// Pictures for people show the very pixels that a run trains on.
#include "nodes/run/sample_pictures.h"

#include <map>
#include <string>
#include <vector>

#include "graph/pipeline.h"
#include "io/encode_jpeg.h"
#include "io/jpeg.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/collate.h"
#include "nodes/data_source.h"
#include "nodes/run/image_source.h"
#include "nodes/watch.h"
#include "runtime/arena.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using io::test::TempFolder;

constexpr int kSide = 24;

std::string jpeg_of(Extent extent, int tone) {
  Image image(extent, PixelType::u8);
  for (int y = 0; y < extent.height; ++y) {
    for (int x = 0; x < extent.width * kChannels; ++x)
      image.view().u8(y)[x] = static_cast<std::uint8_t>(7 * x + 3 * y + 40 * tone);
  }
  const std::vector<std::byte> bytes = io::encode_jpeg(image.view(), {});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Two classes of images of different sizes, and one file that is none.
io::Dataset photos(const TempFolder& folder) {
  for (int i = 0; i < 7; ++i) {
    const std::string name =
        std::string(i % 2 == 0 ? "train/cat/" : "train/dog/") + std::to_string(i) + ".jpg";
    folder.add(name, jpeg_of({40 + 5 * i, 50 - 2 * i}, i));
  }
  folder.add("train/dog/broken.jpg", "no picture");
  folder.add("val/cat/0.jpg", jpeg_of({40, 40}, 0));
  return io::open_labelled(folder.path()).train;
}

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

// Every kind of draw: none, of a sample, of a group.
io::Recipe recipe() {
  io::Recipe recipe;
  recipe.set("seed", "5");
  recipe.augment = {
      entry("rescale", {{"side", std::int64_t{32}}}),
      entry("random-crop", {{"side", std::int64_t{kSide}}, {"group", std::int64_t{3}}}),
      entry("flip", {}), entry("mean", {{"from", std::string("authors")}}),
      entry("pca-colour", {{"constants", std::string("authors")}})};
  return recipe;
}

// Rows of the first epoch by sample number, as the pipeline stores them.
std::map<std::uint32_t, std::vector<float>> trained_rows(const io::Dataset& data) {
  std::map<std::uint32_t, std::vector<float>> rows;
  const Collate collate{kSide, 3};
  const std::size_t floats = collate.row_floats();
  Arena arena(2);
  graph::PipelineOptions options{.batch = 3, .seed = 5};
  graph::Pipeline pipeline(arena, options,
                           image_source(data, recipe()) | make_chain(recipe().augment, {}) |
                               collate | Watch{[&](const graph::Batch& batch) {
                                 for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count);
                                      ++i) {
                                   if (batch.row_weights[i] == 0.0F) continue;
                                   const auto row = batch.rows.subspan(i * floats, floats);
                                   rows[batch.ids[i].number] = {row.begin(), row.end()};
                                 }
                               }});
  DataSource source(data, io::sample_order(static_cast<std::uint32_t>(data.entries.size()), 5, 0),
                    0);
  CHECK(pipeline.run(source) == graph::RunEnd::completed);
  return rows;
}

Image decoded(const io::Dataset& data, const graph::SourceItem& item) {
  const std::vector<std::byte> file = io::test::bytes_of(data.root / item.path);
  const auto header = io::read_jpeg_header(file, {});
  Image image(header.value().extent, PixelType::u8);
  CHECK(io::decode_jpeg(file, {}, image.view()).ok());
  return image;
}

TEST_CASE("stage by stage an image becomes the row that training stores", "[nodes][samples]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const auto rows = trained_rows(data);
  CHECK(rows.size() == 7);
  const graph::Chain chain = make_chain(recipe().augment, {});
  DataSource source(data, io::sample_order(static_cast<std::uint32_t>(data.entries.size()), 5, 0),
                    0);
  while (const auto item = source.next()) {
    if (!rows.contains(item->id.number)) continue;
    Image image = decoded(data, *item);
    for (const auto& stage : chain) image = apply_stage(*stage, 5, item->id, image.view()).image;
    std::vector<float> row(rows.at(item->id.number).size());
    CHECK(Collate{kSide, 3}.store(image.view(), item->id, row).ok());
    CHECK(row == rows.at(item->id.number));
  }
}

TEST_CASE("samples are the first images of the first epoch that can be read", "[nodes][samples]") {
  const TempFolder folder;
  const io::Dataset data = photos(folder);
  const std::vector<io::Sample> samples = sample_pictures(data, recipe(), {}, {.images = 20});
  REQUIRE(samples.size() == 7);
  std::vector<std::string> expected;
  for (const std::uint32_t number :
       io::sample_order(static_cast<std::uint32_t>(data.entries.size()), 5, 0)) {
    const std::string& path = data.entries[number].path;
    if (path.find("broken") == std::string::npos) expected.push_back(path);
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    CHECK(samples[i].path == expected[i]);
    CHECK(samples[i].path.find(samples[i].label) != std::string::npos);
    REQUIRE(samples[i].stages.size() == 6);
    CHECK(samples[i].stages[0].node == "decode");
    CHECK(samples[i].stages[2].node == "random-crop");
    CHECK(samples[i].stages[2].extent == Extent{kSide, kSide});
    CHECK_THAT(samples[i].stages[2].decision, Catch::Matchers::StartsWith("crop 24x24 at "));
    CHECK_FALSE(samples[i].stages[2].stretched);
    CHECK(samples[i].stages[4].decision.empty());  // the mean is the same for all
    CHECK(samples[i].stages[4].stretched);
    CHECK(samples[i].stages[4].black < 0);
  }
  CHECK(sample_pictures(data, recipe(), {}, {.images = 2}).size() == 2);
}

TEST_CASE("images that would need too much memory at any stage are passed over",
          "[nodes][samples]") {
  const TempFolder folder;
  folder.add("train/cat/wide.jpg", jpeg_of({1000, 1}, 0));
  folder.add("train/dog/fair.jpg", jpeg_of({60, 50}, 1));
  folder.add("val/cat/0.jpg", jpeg_of({40, 40}, 0));
  const io::Dataset data = io::open_labelled(folder.path()).train;
  // At a shorter side of 32 the wide one becomes 32000 x 32.
  const auto samples =
      sample_pictures(data, recipe(), {}, {.images = 2, .bytes = std::size_t{1} << 20});
  REQUIRE(samples.size() == 1);
  CHECK(samples[0].path.find("fair") != std::string::npos);
}

TEST_CASE("a picture of floats is stretched to its own range", "[nodes][samples]") {
  Image image({2, 1}, PixelType::f32);
  const float values[] = {-100, 0, 100, 25, 50, 75};
  std::copy(std::begin(values), std::end(values), image.view().f32(0));
  const io::SampleStage picture = picture_of(image.view(), 100);
  CHECK(picture.stretched);
  CHECK(picture.black == -100);
  CHECK(picture.white == 100);
  Image flat({1, 1}, PixelType::f32);
  std::fill_n(flat.view().f32(0), 3, 7.0F);
  CHECK(picture_of(flat.view(), 100).white > picture_of(flat.view(), 100).black);
}

TEST_CASE("a picture is no larger than asked for, and keeps its form", "[nodes][samples]") {
  Image image({400, 100}, PixelType::u8);
  std::fill_n(image.view().u8(0), 400 * 100 * kChannels, std::uint8_t{80});
  const io::SampleStage picture = picture_of(image.view(), 100);
  CHECK(picture.extent == Extent{400, 100});
  CHECK(picture.shown == Extent{100, 25});
  CHECK(io::read_jpeg_header(picture.jpeg, {}).value().extent == Extent{100, 25});
}

}  // namespace
}  // namespace sluice::nodes
