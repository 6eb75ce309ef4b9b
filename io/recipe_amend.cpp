// Changes of a recipe on the way, and what differs between two recipes.
#include <fmt/format.h>

#include <algorithm>

#include "io/recipe.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

std::string amendable_keys() {
  std::string valid;
  for (const RecipeKey& key : recipe_keys()) {
    if (key.change == Change::amending)
      valid += fmt::format("{}{}", valid.empty() ? "" : ", ", key.key);
  }
  return valid;
}

std::string change_text(std::string_view what, std::string_view was, std::string_view now) {
  return fmt::format("{} was {}, now {}", what, was, now);
}

const RecipeValue* find_parameter(const ChainEntry& entry, const std::string& name) {
  for (const auto& [key, value] : entry.parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string parameter_text(const RecipeValue* value) {
  return value == nullptr ? "its default" : to_text(*value);
}

// Two uses of one node at one place of the chain.
void compare_entries(const ChainEntry& was, const ChainEntry& now,
                     std::vector<std::string>& found) {
  const std::string prefix = "augment." + was.name;
  if (was.use != now.use) {
    found.push_back(change_text(prefix + ".use", to_text(was.use), to_text(now.use)));
  }
  for (const auto& [name, value] : was.parameters) {
    const RecipeValue* other = find_parameter(now, name);
    if (other == nullptr || *other != value)
      found.push_back(change_text(prefix + "." + name, to_text(value), parameter_text(other)));
  }
  for (const auto& [name, value] : now.parameters) {
    if (find_parameter(was, name) == nullptr)
      found.push_back(change_text(prefix + "." + name, "its default", to_text(value)));
  }
}

std::string chain_names(const std::vector<ChainEntry>& chain) {
  std::vector<std::string> names;
  for (const ChainEntry& entry : chain) names.push_back(entry.name);
  return fmt::format("{}", fmt::join(names, " "));
}

void compare_chains(const std::vector<ChainEntry>& was, const std::vector<ChainEntry>& now,
                    std::string_view what, std::vector<std::string>& found) {
  const auto same_node = [](const ChainEntry& a, const ChainEntry& b) {
    return a.node == b.node && a.name == b.name;
  };
  if (!std::equal(was.begin(), was.end(), now.begin(), now.end(), same_node)) {
    found.push_back(change_text(what, chain_names(was), chain_names(now)));
    return;
  }
  for (std::size_t i = 0; i < was.size(); ++i) compare_entries(was[i], now[i], found);
}

}  // namespace

void Recipe::amend(Amendment amendment) {
  const RecipeKey& key = find_recipe_key(amendment.key);
  require(key.change == Change::amending, "{} cannot be amended; valid: {}", key.key,
          amendable_keys());
  require(amendment.step >= 0, "an amendment of {} at step {}; valid: 0 or more", key.key,
          amendment.step);
  Recipe probe;  // checks type and range, and gives the value its type
  probe.assign(key, amendment.value);
  amendment.value = probe.values_.find(key.key)->second;
  const auto same = [&](const Amendment& old) {
    return old.step == amendment.step && old.key == amendment.key;
  };
  std::erase_if(amendments, same);
  const auto later = [&](const Amendment& old) { return old.step > amendment.step; };
  amendments.insert(std::find_if(amendments.begin(), amendments.end(), later),
                    std::move(amendment));
}

Recipe Recipe::amended_before(std::int64_t step) const {
  Recipe recipe = *this;
  for (const Amendment& amendment : amendments) {
    if (amendment.step < step) recipe.values_[amendment.key] = amendment.value;
  }
  recipe.amendments.clear();
  return recipe;
}

std::vector<std::string> recipe_differences(const Recipe& was, const Recipe& now) {
  std::vector<std::string> found;
  for (const RecipeKey& key : recipe_keys()) {
    const RecipeValue& old = was.values_.find(key.key)->second;
    const RecipeValue& value = now.values_.find(key.key)->second;
    if (key.change == Change::free || old == value) continue;
    found.push_back(change_text(key.key, to_text(old), to_text(value)));
  }
  compare_chains(was.augment, now.augment, "the chain of augment nodes", found);
  compare_chains(was.evaluation, now.evaluation, "the chain of the evaluation", found);
  return found;
}

}  // namespace sluice::io
