// Rows of bytes: what of a chain is left to the device, and that nothing changes by it.
#include "nodes/upload.h"

#include <fstream>

#include "graph/pipeline.h"
#include "io/dataset.h"
#include "io/sample_order.h"
#include "nodes/augment_chain.h"
#include "nodes/data_source.h"
#include "nodes/decode_jpeg.h"
#include "nodes/read_file.h"
#include "nodes/run/setup.h"
#include "nodes/run/shapes.h"
#include "nodes/watch.h"
#include "runtime/arena.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Entries = std::vector<io::ChainEntry>;

Statistics some_statistics() {
  Statistics statistics{.images = 1, .mean_rgb = {121.25, 111.0625, 97.7}};
  statistics.covariance = {{{4100.5, 3500, 3100}, {3500, 3900.25, 3400}, {3100, 3400, 4700}}};
  statistics.mean_extent = {256, 256};
  statistics.mean_image.resize(256 * 256 * 3);
  for (std::size_t i = 0; i < statistics.mean_image.size(); ++i)
    statistics.mean_image[i] = 90.3F + static_cast<float>(i % 1009) * 0.037F;
  return statistics;
}

Entries chain_of(const std::string& net, const std::string& variant,
                 const std::vector<std::pair<std::string, std::string>>& settings = {}) {
  io::Recipe recipe = default_recipe(net, variant);
  for (const auto& [key, value] : settings) recipe.set(key, value);
  return recipe.augment;
}

io::ChainEntry entry(const std::string& node, const std::string& name,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters = {}) {
  return {.node = node, .name = name, .use = true, .parameters = std::move(parameters)};
}

RowPlan plan_of(const Entries& entries) {
  return plan_rows(make_chain(entries, some_statistics()));
}

std::string words_of(const Entries& entries) { return plan_of(entries).text; }

io::ChainEntry mean_rgb() { return entry("mean", "mean", {{"from", std::string("rgb")}}); }

io::ChainEntry mean_image(const std::string& name = "mean") {
  return entry("mean", name, {{"from", std::string("image")}});
}

TEST_CASE("what treats pixels alike is left to the device, and what moves them to the end",
          "[nodes][upload]") {
  CHECK(words_of(chain_of("alexnet", "cs231n")) ==
        "upload: bytes, mean + flip + pca-colour on the device");
  CHECK(words_of(chain_of("alexnet", "owt")) ==
        "upload: bytes, mean + flip + pca-colour + scale on the device");
  // A mean image behind which there are only crops goes with each row's place in it.
  CHECK(words_of(chain_of("alexnet", "paper")) ==
        "upload: bytes, mean + flip + pca-colour on the device");
  CHECK(words_of(chain_of("alexnet", "run145")) ==
        "upload: bytes, mean + flip + pca-colour + scale on the device");
  CHECK(words_of(chain_of("alexnet", "caffe")) == "upload: bytes, mean + flip on the device");
  CHECK(words_of(evaluation_chain(chain_of("alexnet", "paper"))) ==
        "upload: bytes, mean on the device");
  CHECK(words_of(chain_of("vgg", "D")) == "upload: bytes, mean + flip + pca-colour on the device");
  CHECK(words_of(chain_of("lenet5", "1998")) == "upload: bytes, mean + scale on the device");
  CHECK(words_of(evaluation_chain(chain_of("vgg", "D"))) == "upload: bytes, mean on the device");
  CHECK(words_of({entry("random-crop", "random-crop")}) == "upload: bytes, nothing on the device");
  // Only what the crop keeps is decoded, so a flip before it is not left.
  CHECK(words_of({entry("flip", "flip"), entry("random-crop", "random-crop"), mean_rgb()}) ==
        "upload: bytes, mean on the device");
  CHECK(plan_of({entry("flip", "first"), entry("flip", "second")}).left ==
        std::vector<std::size_t>{0, 1});
}

TEST_CASE("a chain that needs floats on the CPU says which node does", "[nodes][upload]") {
  // A flip that is run turns the places around; so does one that is left in front of the image.
  const RowPlan turned =
      plan_of({mean_image(), entry("flip", "flip"), entry("random-crop", "random-crop")});
  CHECK(turned.type == PixelType::f32);
  CHECK(turned.left.empty());
  CHECK(turned.text == "upload: f32, because mean needs pixels");
  CHECK(plan_of({entry("flip", "flip"), mean_image()}).left == std::vector<std::size_t>{1});
  CHECK(words_of({mean_image(), mean_image("again")}) == "upload: f32, because mean needs pixels");
  CHECK(words_of({mean_rgb(), entry("rescale", "rescale"), entry("flip", "flip")}) ==
        "upload: f32, because rescale needs pixels");
  CHECK(words_of({mean_rgb(), entry("pad", "border")}) ==
        "upload: f32, because border needs pixels");
  Entries five;
  for (const char* name : {"a", "b", "c", "d", "e"})
    five.push_back(entry("scale", name, {{"divisor", 2.0}}));
  CHECK(words_of(five) == "upload: f32, because a row's transform has 4 steps, not 5");
  five.pop_back();
  CHECK(words_of(five) == "upload: bytes, a + b + c + d on the device");
}

struct PixelPlace {
  std::size_t column, line;
};

const float* image_at(const RowImage& image, const RowTransform& transform, PixelPlace place) {
  if (!subtracts_image(transform)) return nullptr;
  const std::size_t line = place.line + static_cast<std::size_t>(transform.top);
  const std::size_t column = place.column + static_cast<std::size_t>(transform.left);
  return &image.values->at((line * static_cast<std::size_t>(image.extent.width) + column) * 3);
}

// What the net reads of a batch, by the CPU's twin of a device's kernel.
std::vector<float> net_rows(const graph::Batch& batch, const Net& net) {
  if (batch.row_bytes.empty()) return {batch.rows.begin(), batch.rows.end()};
  const auto rows = batch.transforms.size();
  const auto side = static_cast<std::size_t>(net.side);
  const auto channels = static_cast<std::size_t>(net.channels);
  REQUIRE(batch.row_bytes.size() == rows * side * side * channels);
  std::vector<float> values;
  values.reserve(batch.row_bytes.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const RowTransform& transform = batch.transforms[row];
    for (std::size_t y = 0; y < side; ++y) {
      for (int x = 0; x < net.side; ++x) {
        const auto column = static_cast<std::size_t>(column_of_bytes(transform, x, net.side));
        const auto* pixel = &batch.row_bytes[((row * side + y) * side + column) * channels];
        const float* image = image_at(batch.row_image, transform, {.column = column, .line = y});
        for (int c = 0; c < net.channels; ++c)
          values.push_back(transformed(static_cast<std::uint8_t>(pixel[c]), transform, c, image));
      }
    }
  }
  return values;
}

struct Seen {
  std::vector<std::vector<float>> rows;
  std::vector<std::vector<float>> weights;
  std::vector<std::string> bad;
  bool flipped = false;
};

constexpr std::uint32_t kEpochs = 3;

Seen look_at_epochs(const io::Dataset& data, const Entries& entries, const Net& net,
                    const RowPlan& plan) {
  Seen seen;
  const auto look = [&](const graph::Batch& batch) {
    seen.rows.push_back(net_rows(batch, net));
    seen.weights.push_back(batch.row_weights);
    for (const graph::BadItem& item : batch.bad) seen.bad.push_back(item.path);
    for (const RowTransform& row : batch.transforms) seen.flipped |= row.flip == 1;
  };
  Arena arena(2);
  graph::Pipeline pipeline(arena, {.batch = 8, .memory_bytes = std::size_t{128} << 20, .seed = 11},
                           collated(graph::files(ReadFile{data.root}) | DecodeJpeg{},
                                    make_chain(entries, some_statistics()), plan, net) |
                               Watch{look});
  const auto count = static_cast<std::uint32_t>(data.entries.size());
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    DataSource source(data, io::sample_order(count, 11, epoch), epoch);
    pipeline.run(source);
  }
  return seen;
}

bool same_bits(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() != b[i].size() ||
        std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0)
      return false;
  }
  return true;
}

struct Variant {
  std::string name;
  Entries chain;
  int side = 224;
};

// A probability of a node's own (flip) and of nodes that have none.
std::vector<io::ChainEntry> sometimes() {
  auto chain = chain_of("alexnet", "owt");
  for (io::ChainEntry& entry : chain)
    if (entry.node == "pca-colour" || entry.node == "scale")
      entry.parameters.emplace_back("probability", 0.5);
  return chain;
}

// Colours of two strengths, of which an image gets one.
std::vector<io::ChainEntry> one_of_colours() {
  auto chain = chain_of("alexnet", "owt");
  const auto colour = std::ranges::find(chain, "pca-colour", &io::ChainEntry::node);
  io::ChainEntry weak = *colour, strong = *colour;
  weak.parameters = {{"in", std::string("colours")}, {"constants", std::string("authors")}};
  strong.parameters = weak.parameters;
  strong.parameters.emplace_back("sigma", 1.0);
  strong.name = "strong";
  *colour = {.node = "one-of", .name = "colours"};
  chain.insert(colour + 1, {weak, strong});
  return chain;
}

// Every default chain, those with a mean image also with their mean colour instead.
std::vector<Variant> variants() {
  const std::pair<std::string, std::string> colour{"augment.mean.from", "rgb"};
  const std::pair<std::string, std::string> jitter{"augment.rescale.to", "512"};
  return {
      {"paper", chain_of("alexnet", "paper")},
      {"run145", chain_of("alexnet", "run145")},
      {"caffe", chain_of("alexnet", "caffe"), 227},
      {"paper tested", evaluation_chain(chain_of("alexnet", "paper"))},
      {"flip first",
       {entry("rescale", "rescale"), entry("centre-crop", "centre-crop"), entry("flip", "flip"),
        mean_image(), entry("random-crop", "random-crop")}},
      {"grey paper", chain_of("alexnet", "paper")},
      {"paper of colour", chain_of("alexnet", "paper", {colour})},
      {"run145 of colour", chain_of("alexnet", "run145", {colour})},
      {"caffe of colour", chain_of("alexnet", "caffe", {{"augment.mean.from", "authors"}}), 227},
      {"cs231n", chain_of("alexnet", "cs231n"), 227},
      {"owt", chain_of("alexnet", "owt")},
      {"vgg", chain_of("vgg", "D")},
      {"vgg jitter", chain_of("vgg", "D", {jitter})},
      {"vgg tested", evaluation_chain(chain_of("vgg", "D", {jitter}))},
      {"sometimes", sometimes()},
      {"one of colours", one_of_colours()},
      {"grey", chain_of("alexnet", "owt"), 224}};
}

void check_same_rows(const io::Dataset& data) {
  for (const Variant& variant : variants()) {
    CAPTURE(variant.name);
    const Net net{.channels = variant.name.starts_with("grey") ? 1 : 3, .side = variant.side};
    const RowPlan bytes = plan_of(variant.chain);
    REQUIRE(bytes.type == PixelType::u8);
    const Seen floats = look_at_epochs(data, variant.chain, net, {});
    const Seen left = look_at_epochs(data, variant.chain, net, bytes);
    CHECK(same_bits(left.rows, floats.rows));
    CHECK(left.weights == floats.weights);
    CHECK(left.bad == floats.bad);
    const bool unflipped = variant.name.ends_with(" tested") || variant.name == "flip first";
    CHECK(left.flipped == !unflipped);
  }
}

TEST_CASE("bytes and the twin of the device's transform give the rows of the CPU's chain",
          "[nodes][upload]") {
  const io::test::TempFolder folder;
  make_shapes({.out = folder.path() / "shapes", .train_per_class = 2, .val_per_class = 1});
  io::Dataset data = io::open_labelled(folder.path() / "shapes").train;
  // One of them is broken: its row is zeros in both forms.
  std::ofstream(data.root / data.entries[3].path, std::ios::trunc) << "no picture";
  data.entries[3].bytes = 10;
  data.entries.resize(19);  // the last batch has three rows
  check_same_rows(data);
}

TEST_CASE("photographs as bytes give the rows of the CPU's chain", "[nodes][upload]") {
  const auto photos = io::test::real_data("photos");
  if (!photos) {
    WARN("skipped: no photographs (set SLUICE_DATA)");
    return;
  }
  io::Dataset data = io::open_unlabelled(*photos);
  data.entries.resize(8);
  check_same_rows(data);
}

TEST_CASE("slots of bytes take a quarter of the memory", "[nodes][upload]") {
  const io::test::TempFolder folder;
  const Net net{.channels = 3, .side = 224};
  const Entries entries = chain_of("vgg", "D");
  const auto slot_bytes = [&](const RowPlan& plan) {
    Arena arena(1);
    const graph::Pipeline pipeline(arena, {.batch = 16},
                                   collated(graph::files(ReadFile{folder.path()}) | DecodeJpeg{},
                                            make_chain(entries, some_statistics()), plan, net));
    return pipeline.memory().slot_bytes;
  };
  const std::size_t row = 224 * 224 * 3;
  const std::size_t floats = slot_bytes({});
  const std::size_t bytes = slot_bytes(plan_of(entries));
  CHECK(floats > 16 * 4 * row);
  CHECK(bytes > 16 * row);
  CHECK(bytes < 16 * (row + row / 8 + 1024));
}

}  // namespace
}  // namespace sluice::nodes
