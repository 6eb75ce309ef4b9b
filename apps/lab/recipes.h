// The recipes that a verb of the lab compares, and the options that name them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/recipe.h"

namespace CLI {
class App;
}

namespace sluice::apps {

struct NamedRecipe {
  std::string name;  // the file's name without its ending, or the net's; unique
  io::Recipe recipe;
};

struct LabRecipes {
  std::string data;
  std::vector<std::string> files;
  std::string net = "alexnet";    // where there are no files: its defaults
  std::vector<std::string> sets;  // KEY=VALUE, in all of them
  std::vector<std::pair<std::string, std::string>> swaps{};  // as Arguments::swaps, likewise
};

// --data, --recipe, --net, --set, --swap and --drop; `wanted` must stay where it is while the verb
// parses.
void add_recipes(CLI::App& verb, LabRecipes& wanted);

// Complete and checked. Throws Error{usage} naming the file or the key.
std::vector<NamedRecipe> lab_recipes(const LabRecipes& wanted);

}  // namespace sluice::apps
