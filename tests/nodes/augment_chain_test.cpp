#include "nodes/augment_chain.h"

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Matchers::Contains;

std::vector<std::string> names_of(const graph::Chain& chain) {
  std::vector<std::string> names;
  for (const auto& stage : chain) names.push_back(stage->name());
  return names;
}

Statistics some_statistics() {
  Statistics statistics{.images = 1, .mean_rgb = {1, 2, 3}};
  for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 4.0;
  statistics.mean_extent = {256, 256};
  statistics.mean_image.assign(256 * 256 * 3, 5.0F);
  return statistics;
}

void set(std::vector<io::ChainEntry>& chain, std::size_t entry, const std::string& name,
         io::RecipeValue value) {
  for (auto& [key, old] : chain[entry].parameters) {
    if (key == name) old = value;
  }
}

std::string refusal(std::span<const io::ChainEntry> chain) {
  try {
    make_chain(chain, some_statistics());
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST_CASE("the paper's chain has its nodes in the paper's order", "[nodes][chain]") {
  CHECK(names_of(make_chain(paper_chain(), some_statistics())) ==
        std::vector<std::string>{"rescale", "centre-crop", "mean", "random-crop", "flip",
                                 "pca-colour"});
}

TEST_CASE("nodes that would change nothing are left out", "[nodes][chain]") {
  auto chain = paper_chain();
  chain[1].use = false;
  set(chain, 2, "from", std::string("none"));
  set(chain, 5, "sigma", 0.0);
  set(chain, 6, "divisor", 58.0);
  CHECK(names_of(make_chain(chain, {})) ==
        std::vector<std::string>{"rescale", "random-crop", "flip", "scale"});
}

TEST_CASE("evaluation takes the centre of what training crops at random", "[nodes][chain]") {
  const auto chain = evaluation_chain(paper_chain());
  CHECK(names_of(make_chain(chain, some_statistics())) ==
        std::vector<std::string>{"rescale", "centre-crop", "mean", "test-crop"});
  CHECK_NOTHROW(check_chain_ends_at(chain, 224));
}

TEST_CASE("statistics are measured on what comes before the mean", "[nodes][chain]") {
  const auto chain = before_mean(paper_chain());
  REQUIRE(chain.size() == 2);
  CHECK(chain[1].node == "centre-crop");
  const StatisticsNeed need = statistics_need(paper_chain());
  CHECK(need.mean_image);
  CHECK(need.covariance);
  CHECK_FALSE(need.mean_rgb);
  auto authors = paper_chain();
  set(authors, 2, "from", std::string("authors"));
  set(authors, 5, "constants", std::string("authors"));
  CHECK_FALSE(statistics_need(authors).any());
}

TEST_CASE("a scale by deviation needs the covariance and is no idle node", "[nodes][chain]") {
  auto chain = paper_chain();
  set(chain, 5, "constants", std::string("authors"));
  CHECK_FALSE(statistics_need(chain).covariance);
  chain[6].parameters.emplace_back("by", std::string("deviation"));
  CHECK(statistics_need(chain).covariance);
  CHECK(names_of(make_chain(chain, some_statistics())).back() == "scale");
  CHECK(names_of(make_chain(evaluation_chain(chain), some_statistics())).back() == "scale");
  CHECK_THROWS_WITH(
      make_chain(chain, {.mean_extent = {256, 256}, .mean_image = some_statistics().mean_image}),
      Contains("augment.scale") && Contains("deviation is 0"));
}

TEST_CASE("mistakes in a chain name the node and what is valid", "[nodes][chain]") {
  auto chain = paper_chain();
  chain[4].node = "flop";
  CHECK_THAT(refusal(chain), Contains("flop") && Contains("random-crop"));
  chain = paper_chain();
  chain[4].parameters.emplace_back("angle", 1.0);
  CHECK_THAT(refusal(chain),
             Contains("augment.flip") && Contains("angle") && Contains("probability"));
  chain = paper_chain();
  set(chain, 2, "from", std::string("median"));
  CHECK_THAT(refusal(chain), Contains("augment.mean.from") && Contains("rgb"));
  chain = paper_chain();
  set(chain, 3, "side", 0.5);
  CHECK_THAT(refusal(chain), Contains("augment.random-crop.side"));
  chain = paper_chain();
  set(chain, 3, "side", std::int64_t{200});
  CHECK_THROWS_WITH(check_chain_ends_at(chain, 224), Contains("200 x 200") && Contains("224"));
}

TEST_CASE("a mean image needs images of one size", "[nodes][chain]") {
  Statistics statistics = some_statistics();
  statistics.mean_image.clear();
  CHECK_THROWS_WITH(make_chain(paper_chain(), statistics), Contains("centre-crop"));
}

}  // namespace
}  // namespace sluice::nodes
