// The recipes that a verb of the lab compares.
#pragma once

#include <string>
#include <vector>

#include "io/recipe.h"

namespace sluice::apps {

struct NamedRecipe {
  std::string name;  // the file's name without its ending, or the net's; unique
  io::Recipe recipe;
};

struct LabRecipes {
  std::vector<std::string> files;
  std::string net = "alexnet";    // where there are no files: its defaults
  std::vector<std::string> sets;  // KEY=VALUE, in all of them
};

// Complete and checked. Throws Error{usage} naming the file or the key.
std::vector<NamedRecipe> lab_recipes(const LabRecipes& wanted);

}  // namespace sluice::apps
