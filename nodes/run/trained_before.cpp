#include "nodes/run/trained_before.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::string_view kMark = "trained:";

}  // namespace

std::optional<std::string> trained_before(const io::Recipe& recipe) {
  const std::string& from = recipe.text("train.from");
  if (!from.starts_with(kMark)) return std::nullopt;
  return from.substr(kMark.size());
}

void check_trained_before(std::span<const SheetChain> recipes) {
  std::vector<std::string> before;
  for (const SheetChain& recipe : recipes) {
    const auto name = trained_before(recipe.recipe);
    require(!name || std::ranges::find(before, *name) != before.end(),
            "{}: train.from = 'trained:{}' names no recipe that stands before it; valid: {}",
            recipe.name, name.value_or(""),
            before.empty() ? "a weights file" : fmt::format("{}", fmt::join(before, ", ")));
    before.push_back(recipe.name);
  }
}

std::filesystem::path compared_run(const std::filesystem::path& out, const std::string& name,
                                   int seed) {
  return out / fmt::format("{}-seed-{}", name, seed);
}

io::Recipe recipe_alone(const io::Recipe& recipe) {
  io::Recipe own = recipe;
  if (!trained_before(recipe)) return own;
  own.set("train.from", "");
  own.set("train.from_layers", "all");
  return own;
}

io::Recipe recipe_of_seed(const io::Recipe& recipe, const std::filesystem::path& out, int seed) {
  io::Recipe own = recipe;
  own.set("seed", std::to_string(seed));
  if (const auto name = trained_before(recipe))
    own.set("train.from", (compared_run(out, *name, seed) / "weights.safetensors").string());
  return own;
}

}  // namespace sluice::nodes
