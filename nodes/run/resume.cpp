#include "nodes/run/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "io/run_folder.h"
#include "io/text.h"
#include "nodes/run/checkpoints.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

namespace fs = std::filesystem;

// What cannot be looked at is an error: a folder on a disk that is away must not pass for empty.
bool there(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return false;
  require(status.type() != fs::file_type::none, "cannot look at {}: {}",
          io::one_line(path.string()), error.message());
  return true;
}

// The newest that is whole; those that are newer are named. One that cannot be opened may be as
// good as ever: the caller can try again.
void find_checkpoint(const fs::path& out, const Listener& listener, ResumePoint& point) {
  const std::vector<io::CheckpointFile> files = io::list_checkpoints(out);
  std::string first_reason;
  for (const io::CheckpointFile& file : files) {
    try {
      point.checkpoint = io::read_checkpoint(file.path);
      point.file = file.path;
      return;
    } catch (const io::CannotOpen&) {
      throw;
    } catch (const Error& error) {
      if (first_reason.empty()) first_reason = error.what();
      listener.warn(error.what());
      point.damaged.push_back(file.path);
    }
  }
  require(files.empty(),
          "no checkpoint of {} can be used; the newest: {}; remove {} to start again from step 0",
          io::one_line(out.string()), first_reason, io::one_line((out / "checkpoints").string()));
}

std::vector<io::Amendment> before(std::int64_t step, const io::Recipe& recipe) {
  std::vector<io::Amendment> amendments = recipe.amendments;
  std::erase_if(amendments, [&](const io::Amendment& a) { return a.step >= step; });
  return amendments;
}

// A recipe file may leave the number of classes to the data; the run has found it.
io::Recipe with_classes(io::Recipe recipe, const io::Recipe& trained) {
  if (recipe.integer("net.classes") == 0) {
    recipe.set("net.classes", std::to_string(trained.integer("net.classes")));
  }
  return recipe;
}

std::string amend_hint(const std::vector<std::string>& differences) {
  for (const std::string& difference : differences) {
    const std::string key = difference.substr(0, difference.find(' '));
    if (key.find('.') == std::string::npos || key.starts_with("augment.")) continue;
    const auto keys = io::recipe_keys();
    const auto known = std::find_if(keys.begin(), keys.end(),
                                    [&](const io::RecipeKey& k) { return k.key == key; });
    if (known != keys.end() && known->change == io::Change::amending) {
      return fmt::format("; to change a rate or schedule on purpose: --amend {}=VALUE", key);
    }
  }
  return {};
}

}  // namespace

std::optional<ResumePoint> find_resume_point(const fs::path& out, const Listener& listener) {
  if (!there(out)) return std::nullopt;
  ResumePoint point{
      .lock = io::lock_run_folder(out), .recipe = {}, .checkpoint = {}, .file = {}, .damaged = {}};
  find_checkpoint(out, listener, point);
  if (there(out / "recipe.toml")) {
    point.recipe.emplace();
    point.recipe->load(out / "recipe.toml");
  } else if (point.checkpoint) {
    point.recipe.emplace();
    point.recipe->load_text(point.checkpoint->weights.recipe, point.file.string());
  }
  const bool wanted_none =
      point.recipe && checkpoint_rhythm(point.recipe->text("run.checkpoint_every")).never();
  require(point.checkpoint || !wanted_none || !there(out / "weights.safetensors"),
          "{} holds a run that was to leave no checkpoint to go on from; give another --out",
          io::one_line(out.string()));
  return point;
}

void check_resumed_recipe(const io::Recipe& recipe, const ResumePoint& point) {
  if (!point.recipe) return;
  io::Recipe begun = *point.recipe;
  if (point.checkpoint) {
    begun = io::Recipe();
    begun.load_text(point.checkpoint->weights.recipe, point.file.string());
  }
  const auto differences = io::recipe_differences(begun, with_classes(recipe, begun));
  require(differences.empty(),
          "the run was begun with another recipe: {}; leave that out to go on{}",
          fmt::join(differences, ", "), amend_hint(differences));
  require(
      before(point.step(), recipe) == before(point.step(), begun),
      "the recipe's [[amend]] tables before step {} are not those that the run was trained with",
      point.step());
}

void set_aside_damaged(const ResumePoint& point, const Listener& listener) {
  for (const fs::path& file : point.damaged) {
    fs::path aside = file;
    aside += ".damaged";
    std::error_code error;
    fs::rename(file, aside, error);
    if (!error) listener.warn(fmt::format("set aside as {}", io::one_line(aside.string())));
  }
}

}  // namespace sluice::nodes
