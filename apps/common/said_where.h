// Adds to what is wrong with a recipe where in its file that was said.
#pragma once

#include <string>
#include <string_view>

#include "io/recipe.h"
#include "runtime/error.h"

namespace sluice::apps {

// "recipe.toml:12:3: " of the key or the node's parameter that `message` names first, where a file
// said it; else nothing.
std::string place_of_named(const io::Recipe& recipe, std::string_view message);

// Runs `work`; an Error{usage} from it that names what a file said gets that place in front.
template <class Work>
decltype(auto) said_where(const io::Recipe& recipe, const Work& work) {
  try {
    return work();
  } catch (const Faults&) {
    throw;
  } catch (const Error& error) {
    const std::string place =
        error.kind() == ErrorKind::usage ? place_of_named(recipe, error.what()) : std::string();
    if (place.empty()) throw;
    throw Error(error.kind(), place + error.what());
  }
}

}  // namespace sluice::apps
