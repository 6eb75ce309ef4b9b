#include "nodes/run/together.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include "nodes/run/checkpoints.h"
#include "nodes/run/full_view.h"
#include "nodes/run/machine.h"
#include "nodes/run/trained_before.h"
#include "nodes/run/training_group.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::array<std::string_view, 6> kPreparation = {"data.path",        "data.val_fraction",
                                                          "data.orientation", "train.batch",
                                                          "run.threads",      "run.slots"};
constexpr std::array<std::string_view, 5> kTraining = {"train.epochs", "train.steps", "run.memory",
                                                       "run.backend", "run.f32_math"};

std::string value_of(const io::Recipe& recipe, std::string_view key) {
  switch (io::find_recipe_key(key).type) {
    case io::ValueType::boolean:
      return recipe.boolean(key) ? "true" : "false";
    case io::ValueType::integer:
      return fmt::format("{}", recipe.integer(key));
    case io::ValueType::real:
      return fmt::format("{}", recipe.real(key));
    case io::ValueType::text:
      break;
  }
  return fmt::format("\"{}\"", recipe.text(key));
}

void check_key(std::span<const SheetChain> recipes, std::string_view key) {
  const SheetChain& first = recipes.front();
  for (const SheetChain& other : recipes.subspan(1)) {
    const std::string one = value_of(first.recipe, key), two = value_of(other.recipe, key);
    require(one == two,
            "--together: {} is {} in {} and {} in {}, one run has one; valid: the same in all, as "
            "with --set {}={}",
            key, one, first.name, two, other.name, key, one);
  }
}

// A run that is left when another is over goes on from its checkpoint.
void check_ends(const SheetChain& recipe) {
  const bool may_end = recipe.recipe.text("train.schedule") == "plateau";
  require(!may_end || !checkpoint_rhythm(recipe.recipe.text("run.checkpoint_every")).never(),
          "--together: {} ends by its plateau, the others then go on from checkpoints; valid: "
          "run.checkpoint_every above 0 or another train.schedule",
          recipe.name);
}

// One line at a time, whichever branch it comes from.
Listener named(const Listener& listener, const std::string& name, std::mutex& one_at_a_time) {
  const auto with_name = [&](const std::function<void(const std::string&)>& say) {
    return [&one_at_a_time, &say, name](const std::string& line) {
      const std::lock_guard lock(one_at_a_time);
      if (say) say(fmt::format("{}: {}", name, line));
    };
  };
  return {.say = with_name(listener.say), .warning = with_name(listener.warning), .progress = {}};
}

// Of several runs side by side the first one's is shown.
std::function<void(const Progress&)> shown(const Listener& listener, std::mutex& one_at_a_time) {
  return [&listener, &one_at_a_time](const Progress& now) {
    const std::lock_guard lock(one_at_a_time);
    listener.show(now);
  };
}

std::vector<TrainingTask> tasks_of(std::span<const TogetherRun> runs,
                                   const std::vector<Listener>& listeners) {
  std::vector<TrainingTask> tasks;
  for (std::size_t i = 0; i < runs.size(); ++i)
    tasks.push_back({.recipe = runs[i].recipe,
                     .start = start_or_resume(runs[i].recipe, runs[i].out, listeners[i]),
                     .listener = listeners[i],
                     .name = runs[i].name});
  return tasks;
}

std::int64_t step_of(const TrainingTask& task) {
  return task.start.from ? task.start.from->step() : 0;
}

std::vector<TrainResult> one_by_one(std::vector<TrainingTask> tasks, const std::stop_token& stop) {
  std::vector<TrainResult> results;
  for (TrainingTask& task : tasks) {
    results.push_back(train(task.recipe, std::move(task.start), task.listener, stop));
    if (results.back().end == graph::RunEnd::cancelled) break;
  }
  return results;
}

}  // namespace

void check_together(std::span<const SheetChain> recipes, Sharing sharing) {
  for (const SheetChain& recipe : recipes)
    require(
        !is_full_view(recipe.recipe),
        "--together: {} trains on whole images (train.view = \"full\"), whose batches are of one "
        "size; valid: no --together",
        recipe.name);
  for (const std::string_view key : kPreparation) check_key(recipes, key);
  if (sharing == Sharing::preparation) {
    check_key(recipes, "seed");
    return;
  }
  for (const std::string_view key : kTraining) check_key(recipes, key);
  for (const SheetChain& recipe : recipes) {
    check_ends(recipe);
    require(!trained_before(recipe.recipe),
            "--together: {} starts from what another recipe is trained to; valid: no --together",
            recipe.name);
  }
  const auto backend = open_backend(recipes.front().recipe, {});
  require(backend->name() != "cudnn",
          "--together: nets are trained side by side on the CPU, the backend here is cudnn; valid: "
          "--set run.backend=onednn, or no --together");
}

RunStart start_or_resume(const io::Recipe& recipe, const std::filesystem::path& out,
                         const Listener& listener) {
  RunStart start{.out = out, .from = {}};
  std::error_code none;
  if (!std::filesystem::exists(out, none)) return start;
  start.from = find_resume_point(out, listener);
  if (start.from && start.from->recipe) check_resumed_recipe(recipe, *start.from);
  return start;
}

std::vector<TrainResult> train_together(std::span<const TogetherRun> runs, const Listener& listener,
                                        std::stop_token stop) {
  std::mutex one_at_a_time;
  std::vector<Listener> listeners;
  for (const TogetherRun& run : runs) listeners.push_back(named(listener, run.name, one_at_a_time));
  listeners.front().progress = shown(listener, one_at_a_time);
  std::vector<TrainingTask> tasks = tasks_of(runs, listeners);
  const std::int64_t step = step_of(tasks.front());
  if (!std::ranges::all_of(tasks, [&](const auto& task) { return step_of(task) == step; })) {
    listener.tell("the runs were stopped at different steps: each goes on alone");
    return one_by_one(std::move(tasks), stop);
  }
  std::vector<TrainResult> results = TrainingGroup(std::move(tasks), listener, stop).run();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (results[i].over || results[i].end == graph::RunEnd::cancelled) continue;
    listeners[i].tell("goes on alone");
    RunStart start = start_or_resume(runs[i].recipe, runs[i].out, listeners[i]);
    results[i] = train(runs[i].recipe, std::move(start), listeners[i], stop);
  }
  return results;
}

}  // namespace sluice::nodes
