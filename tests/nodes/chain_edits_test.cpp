// Chains that are changed in a word, and everything that is wrong with one at once.
#include "nodes/chain_edits.h"

#include "nodes/augment_chain.h"
#include "nodes/chain_faults.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Contains;

io::Recipe recipe_of(const std::string& toml) {
  io::Recipe recipe;
  recipe.load_text(toml, "r.toml");
  return recipe;
}

std::vector<std::string> names_of(const std::vector<io::ChainEntry>& chain) {
  std::vector<std::string> names;
  for (const io::ChainEntry& entry : chain) names.push_back(entry.name);
  return names;
}

TEST_CASE("a swapped node keeps the parameters that fit, and its place", "[nodes][edits]") {
  auto chain = paper_chain();
  chain[3].parameters.emplace_back("group", std::int64_t{32});
  swap_node(chain, "random-crop", "grid-crop");
  CHECK(chain[3].node == "grid-crop");
  CHECK(chain[3].name == "grid-crop");
  CHECK(io::chain_to_toml(std::vector{chain[3]}) ==
        "\n[[augment]]\nnode = 'grid-crop'\ngroup = 32\nside = 224\n");
  CHECK(chain_faults(chain).empty());
  swap_node(chain, "rescale", "resize");  // has a filter, too, and no side
  CHECK(io::chain_to_toml(std::vector{chain[0]}) ==
        "\n[[augment]]\nnode = 'resize'\nfilter = 'antialias'\n");
}

TEST_CASE("a swap may name a word of a parameter", "[nodes][edits]") {
  auto chain = paper_chain();
  swap_node(chain, "rescale", "rescale-area");
  CHECK(io::chain_to_toml(std::vector{chain[0]}) ==
        "\n[[augment]]\nnode = 'rescale'\nfilter = 'area'\nside = 256\n");
}

TEST_CASE("a node of a name of its own keeps it when it is swapped", "[nodes][edits]") {
  auto chain = recipe_of("[[augment]]\nnode = 'flip'\nname = 'mirror'\n").augment;
  swap_node(chain, "mirror", "grey");
  CHECK(chain[0].name == "mirror");
  CHECK(chain[0].node == "grey");
  CHECK_THROWS_WITH(swap_node(chain, "miror", "grey"), Contains("did you mean 'mirror'?"));
  CHECK_THROWS_WITH(swap_node(chain, "mirror", "gray"), Contains("did you mean 'grey'?"));
  CHECK_THROWS_WITH(swap_node(chain, "mirror", "rescale-aera"), Contains("unknown node"));
  auto two = paper_chain();
  CHECK_THROWS_WITH(swap_node(two, "flip", "scale"), Contains("has a node 'scale' already"));
}

TEST_CASE("a dropped group takes its members along", "[nodes][edits]") {
  auto chain = recipe_of(
                   "[[augment]]\nnode = 'one-of'\nname = 'c'\n"
                   "[[augment]]\nnode = 'grey'\nin = 'c'\n"
                   "[[augment]]\nnode = 'flip'\n")
                   .augment;
  drop_node(chain, "c");
  CHECK(names_of(chain) == std::vector<std::string>{"flip"});
  CHECK_THROWS_WITH(drop_node(chain, "filp"),
                    Contains("--drop") && Contains("did you mean 'flip'?"));
}

TEST_CASE("all faults of a chain are said with their lines", "[nodes][edits]") {
  const io::Recipe recipe = recipe_of(
      "[[augment]]\nnode = 'rescale'\nside = 0\nsmooth = 1\n"  // lines 1 to 4
      "[[augment]]\nnode = 'filp'\n"                           // 5, 6
      "[[augment]]\nnode = 'mean'\nfrom = 'vgg'\n"             // 7 to 9
      "[[augment]]\nnode = 'jpeg'\n"                           // 10, 11
      "[[augment]]\nnode = 'elastic'\nprobability = 1.5\n");   // 12 to 14
  const auto faults = chain_faults(recipe.augment);
  REQUIRE(faults.size() == 5);
  CHECK_THAT(faults[0], Contains("r.toml:3:") && Contains("augment.rescale.side = 0"));
  CHECK_THAT(faults[1], Contains("r.toml:4:") && Contains("no parameter 'smooth'"));
  CHECK_THAT(faults[2], Contains("r.toml:5:") && Contains("did you mean 'flip'?"));
  CHECK_THAT(faults[3], Contains("r.toml:14:") && Contains("augment.elastic.probability"));
  CHECK_THAT(faults[4], Contains("r.toml:10:") && Contains("it takes bytes") &&
                            Contains("put it before 'mean'"));
}

TEST_CASE("what the command line sets has no line of the file", "[nodes][edits]") {
  io::Recipe recipe = recipe_of("[[augment]]\nnode = 'flip'\nprobability = 0.5\n");
  recipe.set("chain.flip.probability", "1.5");
  const auto faults = chain_faults(recipe.augment);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0] == "augment.flip.probability = 1.5 is out of range; valid: 0 to 1");
}

TEST_CASE("an evaluation has a chain of its own where the recipe says so", "[nodes][edits]") {
  const std::string toml =
      "[[augment]]\nnode = 'random-crop'\nside = 224\n"
      "[[evaluation]]\nnode = 'centre-crop'\nname = 'middle'\nside = 128\n";
  io::Recipe recipe = recipe_of(toml);
  CHECK(names_of(evaluation_chain(recipe)) == std::vector<std::string>{"middle"});
  recipe.set("evaluation.middle.side", "100");
  CHECK(extent_behind(evaluation_chain(recipe)) == Extent{100, 100});
  CHECK(recipe_of(recipe.to_toml()).to_toml() == recipe.to_toml());
  const auto changed = io::recipe_differences(recipe_of(toml), recipe);
  REQUIRE(changed.size() == 1);
  CHECK_THAT(changed[0], Contains("128"));
  recipe.evaluation.clear();
  CHECK(names_of(evaluation_chain(recipe)) == std::vector<std::string>{"test-crop"});
  const io::Recipe wrong = recipe_of("[[evaluation]]\nnode = 'centre-crop'\nside = 0\n");
  REQUIRE(chain_faults(wrong.evaluation, "evaluation").size() == 1);
  CHECK_THAT(chain_faults(wrong.evaluation, "evaluation")[0],
             Contains("r.toml:3:") && Contains("evaluation.centre-crop.side = 0"));
}

}  // namespace
}  // namespace sluice::nodes
