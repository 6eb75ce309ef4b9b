#include "apps/lab/recipes.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "apps/common/arguments.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

std::string net_of(const std::string& file) {
  io::Recipe recipe;
  recipe.load_text(io::read_recipe(file), file);
  return recipe.text("net.name");
}

// Two files of one name in two folders get numbers.
std::string unique_name(const std::string& wanted, const std::vector<NamedRecipe>& taken) {
  const auto is_taken = [&](const std::string& name) {
    return std::ranges::find(taken, name, &NamedRecipe::name) != taken.end();
  };
  std::string name = wanted;
  for (int number = 2; is_taken(name); ++number) name = fmt::format("{} {}", wanted, number);
  return name;
}

}  // namespace

void add_recipes(CLI::App& verb, LabRecipes& wanted) {
  verb.add_option("--data", wanted.data, "folder of images, with or without classes")->required();
  verb.add_option("--recipe", wanted.files, "recipe to look at; give it again for one beside it");
  verb.add_option("--net", wanted.net, "without --recipe: what this net starts from")
      ->check(CLI::IsMember({"lenet5", "alexnet", "vgg"}));
  verb.add_option("--set", wanted.sets,
                  "KEY=VALUE, in all recipes: --set augment.flip.probability=1");
  add_chain_edits(verb, wanted.swaps);
}

std::vector<NamedRecipe> lab_recipes(const LabRecipes& wanted) {
  Arguments arguments;
  arguments.sets.emplace_back("data.path", wanted.data);
  arguments.swaps = wanted.swaps;
  for (const std::string& set : wanted.sets) {
    const std::size_t equals = set.find('=');
    require(equals != std::string::npos && equals > 0,
            "--set {}: valid: KEY=VALUE, such as augment.flip.probability=1", set);
    arguments.sets.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  std::vector<NamedRecipe> recipes;
  if (wanted.files.empty()) recipes.push_back({wanted.net, resolve_recipe(wanted.net, arguments)});
  for (const std::string& file : wanted.files) {
    arguments.recipe_file = file;
    recipes.push_back({unique_name(std::filesystem::path(file).stem().string(), recipes),
                       resolve_recipe(net_of(file), arguments)});
  }
  return recipes;
}

}  // namespace sluice::apps
