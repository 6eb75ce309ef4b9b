#include "nodes/run/net_keys.h"

#include "nodes/run/setup.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

io::Recipe odd_recipe() {
  io::Recipe recipe = default_recipe("alexnet", "paper");
  recipe.set("net.width", "0.25");
  recipe.set("net.classes", "20");
  recipe.set("net.maps", "8,16,24,24,16");
  recipe.set("net.dropout_scaling", "inverted");
  recipe.set("data.orientation", "apply");
  recipe.set("data.path", "/home/somebody/photographs");
  recipe.set("train.batch", "77");
  return recipe;
}

TEST_CASE("the keys of a net say all of it and nothing of where it was trained", "[nodes][keys]") {
  const std::string toml = net_keys_toml(odd_recipe());
  CHECK(toml.find("somebody") == std::string::npos);
  CHECK(toml.find("train.") == std::string::npos);
  for (const io::RecipeKey& key : io::recipe_keys()) {
    CAPTURE(key.key);
    const bool there = toml.find(std::string(key.key) + " = ") != std::string::npos;
    CHECK(there == (key.key.starts_with("net.") || key.key == "data.orientation"));
  }
}

TEST_CASE("the keys of a net that were written give the same net again", "[nodes][keys]") {
  io::Recipe read;
  read.load_text(net_keys_toml(odd_recipe()), "a file");
  const io::Recipe plain = default_recipe("alexnet", "paper");
  const io::Recipe again = with_net_keys(plain, read);
  CHECK(net_keys_toml(again) == net_keys_toml(odd_recipe()));
  CHECK(net_keys_toml(plain) != net_keys_toml(again));
  CHECK(again.integer("train.batch") == plain.integer("train.batch"));
  CHECK(again.text("data.path").empty());
}

}  // namespace
}  // namespace sluice::nodes
