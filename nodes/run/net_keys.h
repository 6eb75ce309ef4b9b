// The part of a recipe that decides what a trained net computes: its layers, and how files are read
// for it. Pure.
#pragma once

#include <string>

#include "io/recipe.h"

namespace sluice::nodes {

// As TOML that `Recipe::load_text` takes; says nothing of where data or files lie.
std::string net_keys_toml(const io::Recipe& recipe);

// `to` with these keys as `from` has them.
io::Recipe with_net_keys(io::Recipe to, const io::Recipe& from);

}  // namespace sluice::nodes
