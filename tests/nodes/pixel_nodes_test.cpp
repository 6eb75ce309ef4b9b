// What a recipe says of the nodes on pixels reaches their operations.
#include <string>
#include <utility>
#include <vector>

#include "nodes/augment_chain.h"
#include "nodes/standardise.h"
#include "nodes/whiten.h"
#include "runtime/error.h"
#include "tests/augment/images.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::nodes;

namespace {

using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;

std::unique_ptr<graph::AugmentStage> made(const std::string& node, const Parameters& parameters,
                                          const Statistics& statistics = {}) {
  io::ChainEntry entry{.node = node, .name = node};
  entry.parameters = parameters;
  graph::Chain chain = make_chain(std::vector{entry}, statistics);
  REQUIRE(chain.size() == 1);
  return std::move(chain.front());
}

// The decision in words; `parameters` leave no choice.
std::string decided(const std::string& node, const Parameters& parameters) {
  const auto stage = made(node, parameters);
  Random random = test::some_random();
  return stage->text(stage->draw(random, {500, 375}));
}

std::vector<float> result(const graph::AugmentStage& stage, const Image& image) {
  Random random = test::some_random();
  const auto decision = stage.draw(random, image.extent());
  Image to(stage.extent_after(decision, image.extent()), stage.type_after(image.type()));
  const test::Scratch scratch(stage.scratch_bytes(decision, image.extent(), image.type()));
  stage.apply(all_of(image.view()), decision, all_of(to.view()), scratch.bytes());
  return test::values(std::as_const(to).view());
}

}  // namespace

TEST_CASE("ranges of the nodes on pixels come from the recipe", "[nodes][pixels]") {
  const auto range = [](const std::string& name, auto value) {
    return Parameters{{name, value}, {name + "_to", value}};
  };
  CHECK(decided("brightness", range("factor", 1.5)) == "brightness x 1.500");
  CHECK(decided("contrast", range("factor", 0.25)) == "contrast x 0.250");
  CHECK(decided("saturation", range("factor", 0.0)) == "saturation x 0.000");
  CHECK(decided("sharpness", range("factor", 1.75)) == "sharpness x 1.750");
  CHECK(decided("hue", range("turns", -0.25)) == "hue -0.250 turns");
  CHECK(decided("gamma", range("gamma", 2.0)) == "gamma 2.000");
  CHECK(decided("posterize", range("bits", std::int64_t{3})) == "posterize to 3 bits");
  CHECK(decided("solarize", range("threshold", 99.5)) == "solarize from 99.5");
  CHECK(decided("blur", range("sigma", 1.5)) == "blur of 1.50 pixels");
  CHECK(decided("noise", range("sigma", 7.0)) == "noise of 7.0 grey levels");
  CHECK(decided("impulse", range("amount", 0.5)) == "salt and pepper on 50.0 % of the pixels");
  CHECK(decided("jpeg", range("quality", std::int64_t{33})) == "JPEG of quality 33");
  const Parameters only_hue = {
      {"brightness", 0.0}, {"contrast", 0.0}, {"saturation", 0.0}, {"hue", 0.2}};
  CHECK(decided("colour-jitter", only_hue).starts_with("jitter hue "));
  const Parameters square = {{"area", 0.04}, {"area_to", 0.04}, {"ratio", 3.0}, {"ratio_to", 3.0}};
  CHECK(decided("erase", square).starts_with("erase 50x150 at "));
}

TEST_CASE("nodes on pixels that change nothing are left out", "[nodes][pixels]") {
  const auto left_out = [](const std::string& node, Parameters parameters) {
    io::ChainEntry entry{.node = node, .name = node};
    entry.parameters = std::move(parameters);
    return make_chain(std::vector{entry}, {}).empty();
  };
  for (const char* node : {"brightness", "contrast", "saturation", "sharpness"}) {
    CHECK(left_out(node, {{"factor", 1.0}, {"factor_to", 1.0}}));
    CHECK(!left_out(node, {{"factor", 1.0}, {"factor_to", 1.5}}));
  }
  CHECK(left_out("hue", {{"turns", 0.0}, {"turns_to", 0.0}}));
  CHECK(left_out("gamma", {{"gamma", 1.0}, {"gamma_to", 1.0}}));
  CHECK(left_out("posterize", {{"bits", std::int64_t{8}}}));
  CHECK(left_out("blur", {{"sigma", 0.0}, {"sigma_to", 0.0}}));
  CHECK(left_out("noise", {{"sigma", 0.0}, {"sigma_to", 0.0}}));
  CHECK(left_out("impulse", {{"amount", 0.0}, {"amount_to", 0.0}}));
  CHECK(left_out("colour-jitter",
                 {{"brightness", 0.0}, {"contrast", 0.0}, {"saturation", 0.0}, {"hue", 0.0}}));
  CHECK(!left_out("colour-jitter", {{"hue", 0.0}}));
}

TEST_CASE("words of the nodes on pixels come from the recipe", "[nodes][pixels]") {
  const Image image = test::noise({12, 9}, PixelType::u8);
  const auto erase = [&](const Parameters& parameters) {
    Parameters all = {{"area", 0.5}, {"area_to", 0.5}, {"ratio", 1.0}, {"ratio_to", 1.0}};
    all.insert(all.end(), parameters.begin(), parameters.end());
    return result(*made("erase", all), image);
  };
  const auto black = erase({});
  CHECK(erase({{"fill", 200.0}}) != black);
  CHECK(erase({{"with", std::string("colour")}}) != black);
  CHECK(erase({{"with", std::string("noise")}}) != erase({{"with", std::string("colour")}}));
  CHECK(result(*made("standardise", {{"by", std::string("channel")}}), image) ==
        test::values(
            test::applied(augment::Standardise{.by = augment::StandardiseBy::channel}, image, {})
                .view()));
}

TEST_CASE("whiten takes the training images' mean and covariance", "[nodes][pixels]") {
  Statistics statistics;
  statistics.mean_rgb = {100, 110, 120};
  statistics.covariance = {{{900, 300, 100}, {300, 700, 200}, {100, 200, 500}}};
  const augment::Whiten expected{.kind = augment::Whitening::pca,
                                 .epsilon = 4,
                                 .mean = statistics.mean_rgb,
                                 .colours = augment::colours_from(statistics.covariance)};
  const Image image = test::noise({12, 9}, PixelType::u8);
  const Parameters given = {{"kind", std::string("pca")}, {"epsilon", 4.0}};
  CHECK(result(*made("whiten", given, statistics), image) ==
        test::values(test::applied(expected, image, {}).view()));
  const io::ChainEntry entry{.node = "whiten", .name = "whiten"};
  const StatisticsNeed need = statistics_need(std::vector{entry});
  CHECK((need.mean_rgb && need.covariance && !need.mean_image));
}

TEST_CASE("wrong parameters of the nodes on pixels are refused with what would be valid",
          "[nodes][pixels]") {
  CHECK_THROWS_WITH(made("brightness", {{"factor", 3.0}}), Catch::Contains("brightness: factor"));
  CHECK_THROWS_WITH(made("posterize", {{"bits", std::int64_t{9}}}), Catch::Contains("1 to 8"));
  CHECK_THROWS_WITH(made("erase", {{"with", std::string("grey")}}),
                    Catch::Contains("level, colour or noise"));
  CHECK_THROWS_WITH(made("jpeg", {{"quality", std::int64_t{99}}}),
                    Catch::Contains("quality is 99"));
}
