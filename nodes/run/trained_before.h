// A recipe of a comparison that starts from what another recipe of it was trained to.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "io/recipe.h"
#include "nodes/run/contact_sheet.h"

namespace sluice::nodes {

// NAME of train.from = "trained:NAME"; none: it starts as it would alone.
std::optional<std::string> trained_before(const io::Recipe& recipe);

// Throws Error{usage} where a recipe names one that does not stand before it.
void check_trained_before(std::span<const SheetChain> recipes);

// Where a comparison's run lies: OUT/NAME-seed-SEED.
std::filesystem::path compared_run(const std::filesystem::path& out, const std::string& name,
                                   int seed);

// The recipe without it: weights to start from change no costs.
io::Recipe recipe_alone(const io::Recipe& recipe);

// The recipe as a run of that seed: from the weights of the named recipe's run of the same seed.
io::Recipe recipe_of_seed(const io::Recipe& recipe, const std::filesystem::path& out, int seed);

}  // namespace sluice::nodes
