// What every augment node must do, whatever it does to pixels. Plain threads, so that a race shows
// under ThreadSanitizer (oneTBB's own frames would hide it).
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "nodes/augment_chain.h"
#include "nodes/catalogue.h"
#include "runtime/image.h"
#include "tests/support/catch.h"

namespace sluice::test {
namespace {

constexpr Extent kExtent{256, 256};  // what every node of the paper's chain takes

Statistics some_statistics() {
  Statistics statistics{.images = 1, .mean_rgb = {120, 110, 100}};
  statistics.covariance = {{{900, 500, 300}, {500, 800, 400}, {300, 400, 700}}};
  statistics.mean_extent = kExtent;
  statistics.mean_image.assign(static_cast<std::size_t>(kExtent.pixels()) * kChannels, 101.5F);
  return statistics;
}

// All nodes of the catalogue with the parameters that they publish, groups with two members, under
// names of their own.
void add_catalogue(std::vector<io::ChainEntry>& entries) {
  for (const nodes::CatalogueNode& node : nodes::catalogue()) {
    const std::string kind(node.info.name), name = "usual-" + kind;
    entries.push_back({.node = kind, .name = name});
    if (!node.takes_members) continue;
    for (const char* member : {"-a", "-b"})
      entries.push_back({.node = "flip", .name = name + member, .parameters = {{"in", name}}});
  }
}

// Every node that a recipe may name, with parameters that make it do something.
graph::Chain every_node() {
  auto entries = nodes::paper_chain();
  for (io::ChainEntry& entry : entries) {
    if (entry.node == "scale") entry.parameters = {{"divisor", 58.0}};
    if (entry.node == "rescale") entry.parameters = {{"side", std::int64_t{200}}};
  }
  io::ChainEntry rgb{.node = "mean", .name = "mean-rgb"};
  rgb.parameters = {{"from", std::string("rgb")}};
  entries.push_back(rgb);
  entries.push_back({.node = "pad", .name = "pad", .parameters = {{"pixels", std::int64_t{3}}}});
  io::ChainEntry plain{.node = "rescale", .name = "plain"};
  plain.parameters = {{"side", std::int64_t{180}}, {"filter", std::string("bilinear")}};
  entries.push_back(plain);
  add_catalogue(entries);
  return nodes::make_chain(entries, some_statistics());
}

Image random_image(Extent extent, std::uint32_t number) {
  Image image(extent, PixelType::u8);
  Random random({.seed = 4, .sample = number, .stream = stream_id("test/image")});
  for (int y = 0; y < extent.height; ++y) {
    for (int x = 0; x < extent.width * kChannels; ++x) {
      image.view().u8(y)[x] = static_cast<std::uint8_t>(random.below(256));
    }
  }
  return image;
}

// What a node makes of an image for one sample.
std::vector<std::byte> result_of(const graph::AugmentStage& node, const Image& image,
                                 std::uint32_t sample) {
  Random random(
      {.seed = 6, .epoch = 1, .sample = sample, .stream = stream_id("augment/" + node.name())});
  const graph::DecisionBox decision = node.draw(random, image.extent());
  Image to(node.extent_after(decision, image.extent()), node.type_after(image.type()));
  const std::size_t scratch = node.scratch_bytes(decision, image.extent(), image.type());
  node.apply(all_of(image.view()), decision, all_of(to.view()),
             Block::allocate(scratch).bytes().first(scratch));
  const std::size_t bytes = image_bytes(to.extent(), to.type());
  return {to.view().data, to.view().data + bytes};
}

// The bytes of a part of an image, row by row.
std::vector<std::byte> bytes_of(ConstImageView image, const Box& box) {
  std::vector<std::byte> bytes;
  const std::size_t pixel = bytes_per_pixel(image.type);
  for (int y = box.top; y < box.bottom(); ++y) {
    const std::byte* row = image.data + static_cast<std::size_t>(y) * image.row_bytes();
    bytes.insert(bytes.end(), row + static_cast<std::size_t>(box.left) * pixel,
                 row + static_cast<std::size_t>(box.right()) * pixel);
  }
  return bytes;
}

}  // namespace

TEST_CASE("a node that makes parts gives them the bytes they have in the whole",
          "[nodes][contract]") {
  const Image image = random_image(kExtent, 3);
  const Extent input = image.extent();
  int nodes_with_parts = 0;
  for (const auto& node : every_node()) {
    CAPTURE(node->name());
    Random random({.seed = 6, .epoch = 2, .stream = stream_id("test/" + node->name())});
    const graph::DecisionBox decision = node->draw(random, input);
    const Extent output = node->extent_after(decision, input);
    const PixelType type = node->type_after(image.type());
    const std::size_t bytes = node->scratch_bytes(decision, input, image.type());
    const Block scratch = Block::allocate(bytes);
    Image all(output, type);
    node->apply(all_of(image.view()), decision, all_of(all.view()), scratch.bytes().first(bytes));
    const Box after{output.width / 5, output.height / 3, {output.width / 2, output.height / 4}};
    const auto before = node->box_before(decision, input, after);
    if (!before) continue;
    ++nodes_with_parts;
    REQUIRE(inside(*before, input));
    Image needed(before->extent, image.type());
    const auto pixels = bytes_of(image.view(), *before);
    std::memcpy(needed.view().data, pixels.data(), pixels.size());
    Image part(after.extent, type);
    node->apply({needed.view(), *before, input}, decision, {part.view(), after, output},
                scratch.bytes().first(bytes));
    CHECK(bytes_of(part.view(), whole(after.extent)) == bytes_of(all.view(), after));
    if (node->keeps_pixels(decision)) CHECK(pixels == bytes_of(all.view(), after));
  }
  CHECK(nodes_with_parts >= 6);
}

TEST_CASE("every node gives the same bytes from many threads as from one", "[nodes][contract]") {
  constexpr std::uint32_t kSamples = 4;
  constexpr int kThreads = 4;
  const Image image = random_image(kExtent, 0);
  for (const auto& node : every_node()) {
    CAPTURE(node->name());
    std::vector<std::vector<std::byte>> expected;
    for (std::uint32_t s = 0; s < kSamples; ++s) expected.push_back(result_of(*node, image, s));
    std::vector<int> wrong(kThreads, 0);
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
          for (std::uint32_t s = 0; s < kSamples; ++s) {
            if (result_of(*node, image, s) != expected[s]) ++wrong[static_cast<std::size_t>(t)];
          }
        });
      }
    }
    CHECK(wrong == std::vector<int>(kThreads, 0));
  }
}

TEST_CASE("every node leaves its input as it was", "[nodes][contract]") {
  const Image image = random_image(kExtent, 1);
  const Image copy = image.clone();
  for (const auto& node : every_node()) {
    CAPTURE(node->name());
    result_of(*node, image, 0);
    CHECK(std::memcmp(image.view().data, copy.view().data, image_bytes(kExtent, PixelType::u8)) ==
          0);
  }
}

TEST_CASE("every node takes one pixel or says why not", "[nodes][contract]") {
  const Image image = random_image({1, 1}, 2);
  for (const auto& node : every_node()) {
    CAPTURE(node->name());
    const auto reason = node->refuses(image.extent());
    if (reason) {
      CHECK(reason->find('\n') == std::string::npos);
      CHECK(reason->find("1x1") != std::string::npos);
    } else {
      CHECK_FALSE(result_of(*node, image, 0).empty());
    }
  }
}

TEST_CASE("every node's name, help and parameters can be shown", "[nodes][contract]") {
  for (const auto& info : nodes::augment_nodes()) {
    CAPTURE(info.name);
    CHECK_FALSE(info.help.empty());
    for (const auto& parameter : info.parameters) {
      CHECK_FALSE(parameter.valid.empty());
      CHECK_FALSE(parameter.help.empty());
      CHECK_FALSE(parameter.default_value.empty());
    }
  }
}

}  // namespace sluice::test
