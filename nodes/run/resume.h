// What --resume finds in a run folder, and whether a recipe may go on from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/checkpoint.h"
#include "io/descriptor.h"
#include "io/recipe.h"
#include "nodes/run/listener.h"

namespace sluice::nodes {

// A run folder that is locked for this process, and where its run goes on.
struct ResumePoint {
  io::Descriptor lock;
  std::optional<io::Recipe> recipe;            // recipe.toml of the folder
  std::optional<io::Checkpoint> checkpoint;    // the newest that is whole; none: from the beginning
  std::filesystem::path file;                  // of the checkpoint
  std::vector<std::filesystem::path> damaged;  // newer ones that are not whole

  std::int64_t step() const { return checkpoint ? checkpoint->state.step : 0; }
};

// Looks for a run in `out`; changes nothing there. Nothing: there is no such folder. Checkpoints
// that are damaged are named where an older one serves. Throws Error{usage}: another run has the
// folder, something in it cannot be looked at, no checkpoint of several is whole, or the run was to
// leave none.
std::optional<ResumePoint> find_resume_point(const std::filesystem::path& out,
                                             const Listener& listener);

// Gives damaged checkpoints a `.damaged` behind their names, once it is sure that the run goes on.
void set_aside_damaged(const ResumePoint& point, const Listener& listener);

// Throws Error{usage} with the differences when `recipe` may not go on from `point`.
void check_resumed_recipe(const io::Recipe& recipe, const ResumePoint& point);

}  // namespace sluice::nodes
