// What the papers' chains need beside the plain ones: jittered scales, shared draws, colour that
// ends.
#include <algorithm>
#include <set>

#include "nodes/augment_chain.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Contains;

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

std::unique_ptr<graph::AugmentStage> stage(const io::ChainEntry& one) {
  graph::Chain chain = make_chain(std::vector<io::ChainEntry>{one}, {});
  REQUIRE(chain.size() == 1);
  return std::move(chain.front());
}

Extent drawn(const graph::AugmentStage& rescale, std::uint32_t sample, Extent image) {
  Random random(RandomKey{.seed = 3, .sample = sample, .stream = 5});
  return rescale.extent_after(rescale.draw(random, image), image);
}

TEST_CASE("a jittered rescale draws every shorter side of its range", "[nodes][chain]") {
  const auto rescale =
      stage(entry("rescale", {{"side", std::int64_t{256}}, {"to", std::int64_t{260}}}));
  std::set<int> sides;
  for (std::uint32_t sample = 0; sample < 200; ++sample)
    sides.insert(drawn(*rescale, sample, {1024, 512}).height);
  CHECK(sides == std::set<int>{256, 257, 258, 259, 260});
  CHECK(drawn(*rescale, 7, {1024, 512}).width == 2 * drawn(*rescale, 7, {1024, 512}).height);
}

TEST_CASE("without a range the shorter side is the side, and no draw is spent", "[nodes][chain]") {
  const auto rescale = stage(entry("rescale", {{"side", std::int64_t{256}}}));
  Random random(RandomKey{.seed = 3});
  Random untouched(RandomKey{.seed = 3});
  (void)rescale->draw(random, {512, 512});
  CHECK(random.bits() == untouched.bits());
}

TEST_CASE("a jittered scale is tested at its middle", "[nodes][chain]") {
  const std::vector<io::ChainEntry> chain = {
      entry("rescale", {{"side", std::int64_t{256}}, {"to", std::int64_t{512}}}),
      entry("random-crop", {{"side", std::int64_t{224}}, {"group", std::int64_t{32}}})};
  const auto test = evaluation_chain(chain);
  const graph::Chain stages = make_chain(test, {});
  CHECK(drawn(*stages.front(), 1, {1024, 512}).height == 384);
  CHECK(stages.back()->name() == "test-crop");
}

TEST_CASE("a scale below the crop is refused with both sides", "[nodes][chain]") {
  const std::vector<io::ChainEntry> chain = {
      entry("rescale", {{"side", std::int64_t{200}}, {"to", std::int64_t{512}}}),
      entry("random-crop", {{"side", std::int64_t{224}}})};
  CHECK_THROWS_WITH(check_chain_ends_at(chain, 224),
                    Contains("augment.random-crop.side = 224") && Contains("200"));
}

TEST_CASE("a range that ends below its begin is refused", "[nodes][chain]") {
  CHECK_THROWS_WITH(
      stage(entry("rescale", {{"side", std::int64_t{256}}, {"to", std::int64_t{255}}})),
      Contains("to is 255"));
}

TEST_CASE("neighbours share the draws of a crop or flip that says so", "[nodes][chain]") {
  CHECK(stage(entry("random-crop", {{"group", std::int64_t{32}}}))->group() == 32);
  CHECK(stage(entry("flip", {{"group", std::int64_t{8}}}))->group() == 8);
  CHECK(stage(entry("flip", {}))->group() == 1);
  CHECK_THROWS_WITH(stage(entry("flip", {{"group", std::int64_t{0}}})), Contains("augment.flip.group = 0") && Contains("1 to 1048576"));
}

TEST_CASE("colour that ends adds nothing from that epoch on", "[nodes][chain]") {
  const auto colour = stage(
      entry("pca-colour", {{"constants", std::string("authors")}, {"until", std::int64_t{67}}}));
  const auto pixel = [&](std::uint32_t epoch) {
    Random random(RandomKey{.seed = 3, .epoch = epoch, .sample = 4});
    const graph::DecisionBox decision = colour->draw(random, {1, 1});
    Image in({1, 1}, PixelType::u8);
    std::fill_n(in.view().u8(0), 3, std::uint8_t{9});
    Image out({1, 1}, PixelType::f32);
    colour->apply(all_of(in.view()), decision, all_of(out.view()), {});
    return *out.view().f32(0);
  };
  CHECK(pixel(66) != 9.0F);
  CHECK(pixel(67) == 9.0F);
  CHECK(pixel(90) == 9.0F);
}

TEST_CASE("values that only training divides stay when the net is tested", "[nodes][chain]") {
  const std::vector<io::ChainEntry> chain = {
      entry("scale", {{"divisor", 1.1}, {"when", std::string("training")}})};
  CHECK(make_chain(chain, {}).size() == 1);
  CHECK(evaluation_chain(chain).empty());
}

}  // namespace
}  // namespace sluice::nodes
