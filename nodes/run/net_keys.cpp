#include "nodes/run/net_keys.h"

#include <fmt/format.h>

namespace sluice::nodes {
namespace {

bool decides(const io::RecipeKey& key) {
  return key.key.starts_with("net.") || key.key == "data.orientation";
}

io::RecipeValue value_of(const io::Recipe& recipe, const io::RecipeKey& key) {
  switch (key.type) {
    case io::ValueType::boolean:
      return recipe.boolean(key.key);
    case io::ValueType::integer:
      return recipe.integer(key.key);
    case io::ValueType::real:
      return recipe.real(key.key);
    case io::ValueType::text:
      break;
  }
  return recipe.text(key.key);
}

// As a command line would say it.
std::string word_of(const io::RecipeValue& value) {
  const auto* const text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : io::to_text(value);
}

}  // namespace

std::string net_keys_toml(const io::Recipe& recipe) {
  std::string toml;
  for (const io::RecipeKey& key : io::recipe_keys())
    if (decides(key)) toml += fmt::format("{} = {}\n", key.key, io::to_text(value_of(recipe, key)));
  return toml;
}

io::Recipe with_net_keys(io::Recipe to, const io::Recipe& from) {
  for (const io::RecipeKey& key : io::recipe_keys())
    if (decides(key)) to.set(key.key, word_of(value_of(from, key)));
  return to;
}

}  // namespace sluice::nodes
