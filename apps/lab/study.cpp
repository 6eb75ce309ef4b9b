#include "apps/lab/study.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "io/recipe.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

constexpr std::array<std::string_view, 5> kKeys = {"title", "claim", "source", "size", "recipes"};

toml::table parsed(const std::string& text, const std::string& file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    fail(ErrorKind::usage, "{}:{}:{}: {}", file, begin.line, begin.column, error.description());
  }
}

std::string word(const toml::table& table, std::string_view key, const std::string& file) {
  const auto text = table[key].value<std::string>();
  require(text.has_value() && !text->empty(), "{}: {} must be a text", file, key);
  return *text;
}

}  // namespace

Study read_study(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "study.toml";
  const std::string file = io::one_line(path.string());
  const toml::table table = parsed(io::read_recipe(path), file);
  for (const auto& [key, value] : table)
    require(std::ranges::find(kKeys, key.str()) != kKeys.end(),
            "{}:{}: unknown key '{}'; valid: title, claim, source, size, recipes", file,
            value.source().begin.line, key.str());
  Study study{.title = word(table, "title", file),
              .claim = word(table, "claim", file),
              .source = word(table, "source", file),
              .size = word(table, "size", file),
              .recipes = {}};
  const toml::array* recipes = table["recipes"].as_array();
  require(recipes != nullptr && recipes->size() >= 2,
          "{}: recipes must name two files or more of its folder", file);
  for (const toml::node& recipe : *recipes) {
    const auto name = recipe.value<std::string>();
    require(name.has_value(), "{}: recipes must be names of files", file);
    study.recipes.push_back((folder / *name).string());
  }
  return study;
}

}  // namespace sluice::apps
