// What --resume finds in a run folder, and whether a recipe may go on from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "io/checkpoint.h"
#include "io/descriptor.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"

namespace sluice::nodes {

// A run folder that is locked for this process, and where its run goes on.
struct ResumePoint {
  io::Descriptor lock;
  std::optional<io::Recipe> recipe;          // recipe.toml of the folder
  std::optional<io::Checkpoint> checkpoint;  // the newest that is whole; none: from the beginning
  std::filesystem::path file;                // of the checkpoint

  std::int64_t step() const { return checkpoint ? checkpoint->state.step : 0; }
};

// Looks for a run in `out`. Nothing: there is no such folder, or it is empty. A checkpoint that is
// damaged is named and set aside (its name gets `.damaged` behind it) where an older one serves.
// Throws Error{usage}: another run has the folder, no checkpoint of several is whole, or a finished
// run left none.
std::optional<ResumePoint> find_resume_point(const std::filesystem::path& out,
                                             const Listener& listener);

// Throws Error{usage} with the differences when `recipe` may not go on from `point`.
void check_resumed_recipe(const io::Recipe& recipe, const ResumePoint& point);

}  // namespace sluice::nodes
