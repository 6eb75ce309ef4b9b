#include "nodes/sometimes.h"

#include "nodes/augment_chain.h"
#include "nodes/upload.h"
#include "tests/nodes/drawn.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Contains;
using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;

io::ChainEntry entry(const std::string& node, Parameters parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

graph::Chain chain_of(std::vector<io::ChainEntry> entries) {
  Statistics statistics{.images = 1, .mean_rgb = {1, 2, 3}};
  statistics.mean_extent = {9, 7};
  statistics.mean_image.assign(9 * 7 * 3, 5.0F);
  return make_chain(entries, statistics);
}

io::ChainEntry colour(double probability) {
  return entry("pca-colour", {{"constants", std::string("authors")}, {"probability", probability}});
}

TEST_CASE("a node is used on its share of the images and keeps its values there",
          "[nodes][chain]") {
  const auto always = chain_of({colour(1.0)}), sometimes = chain_of({colour(0.3)});
  const Image image = noise_image({9, 7}, 1);
  int used = 0;
  constexpr int kSamples = 2000;
  for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
    const Drawn with = drawn_by(*always[0], sample, image);
    const Drawn drawn = drawn_by(*sometimes[0], sample, image);
    if (drawn.text == "not used") continue;
    ++used;
    REQUIRE(drawn == with);
  }
  // Four deviations of the binomial distribution.
  CHECK(std::abs(used - 600) < 82);
}

TEST_CASE("an image that passes keeps its bytes, as floats where the node makes floats",
          "[nodes][chain]") {
  const Image image = noise_image({9, 7}, 2);
  const auto pad = chain_of({entry("pad", {{"probability", 1e-9}})});
  const Drawn same = drawn_by(*pad[0], 3, image);
  CHECK(same.extent == Extent{9, 7});
  CHECK(std::memcmp(same.pixels.data(), image.view().data, same.pixels.size()) == 0);
  CHECK(pad[0]->keeps_pixels(decision_of(*pad[0], 3, {9, 7})));
  const auto noise = chain_of({colour(1e-9)});
  const Drawn floats = drawn_by(*noise[0], 3, image);
  REQUIRE(floats.pixels.size() == 9 * 7 * 3 * sizeof(float));
  CHECK_FALSE(noise[0]->keeps_pixels(decision_of(*noise[0], 3, {9, 7})));
  const auto* values = reinterpret_cast<const float*>(floats.pixels.data());
  bool equal = true;
  for (std::size_t i = 0; i < 9 * 7 * 3; ++i)
    equal = equal && values[i] == static_cast<float>(image.view().u8(0)[i]);
  CHECK(equal);
}

TEST_CASE("a part of an image that passes is just that part", "[nodes][chain]") {
  const Image image = noise_image({9, 7}, 3);
  const auto pad = chain_of({entry("pad", {{"probability", 1e-9}})});
  const graph::DecisionBox decision = decision_of(*pad[0], 0, {9, 7});
  const Box wanted{2, 1, {4, 3}};
  CHECK(pad[0]->box_before(decision, {9, 7}, wanted) == wanted);
  Image part(wanted.extent, PixelType::u8);
  pad[0]->apply(all_of(image.view()), decision, {part.view(), wanted, {9, 7}}, {});
  CHECK(std::memcmp(part.view().u8(2), image.view().u8(3) + 2 * kChannels, 4 * kChannels) == 0);
}

TEST_CASE("a probability of nought leaves the node out", "[nodes][chain]") {
  CHECK(chain_of({colour(0.0)}).empty());
}

TEST_CASE("neighbours share the draws of any node that says so", "[nodes][chain]") {
  const auto shared = chain_of(
      {entry("pca-colour", {{"constants", std::string("authors")}, {"group", std::int64_t{4}}})});
  CHECK(shared[0]->group() == 4);
  const Image image = noise_image({9, 7}, 4);
  CHECK(drawn_by(*shared[0], 0, image) == drawn_by(*shared[0], 3, image));
  CHECK_FALSE(drawn_by(*shared[0], 3, image) == drawn_by(*shared[0], 4, image));
}

TEST_CASE("what is used sometimes is left to a device unless it subtracts an image",
          "[nodes][chain]") {
  CHECK(plan_rows(chain_of({colour(0.5)})).text == "upload: bytes, pca-colour on the device");
  const auto chain = chain_of({colour(0.5)});
  for (std::uint32_t sample = 0; sample < 20; ++sample) {
    const graph::DecisionBox decision = decision_of(*chain[0], sample, {9, 7});
    RowTransform row;
    chain[0]->add_to(row, decision);
    CHECK((row.steps[0].kind == RowTransform::Kind::none) == decision.skips);
  }
  CHECK_THAT(plan_rows(chain_of({entry("mean", {{"probability", 0.5}})})).text,
             Contains("f32, because mean needs pixels"));
}

TEST_CASE("nets are tested without what is used sometimes", "[nodes][chain]") {
  const std::vector<io::ChainEntry> chain = {entry("pad", {}), entry("scale", {{"divisor", 2.0}})};
  CHECK(evaluation_chain(chain).size() == 2);
  const std::vector<io::ChainEntry> sometimes = {entry("pad", {{"probability", 0.5}})};
  CHECK(evaluation_chain(sometimes).empty());
  CHECK(extent_behind(sometimes, Extent{8, 8}) == std::nullopt);
  CHECK(before_mean(sometimes).empty());
}

TEST_CASE("a node's own probability stays the node's", "[nodes][chain]") {
  const auto flip = chain_of({entry("flip", {{"probability", 0.25}})});
  CHECK(flip[0]->text(decision_of(*flip[0], 0, {9, 7})) != "not used");
  CHECK_THROWS_WITH(chain_of({colour(1.5)}),
                    Contains("augment.pca-colour.probability") && Contains("0 to 1"));
}

}  // namespace
}  // namespace sluice::nodes
