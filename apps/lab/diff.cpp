#include "apps/lab/diff.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <utility>
#include <vector>

#include "apps/lab/diff_report.h"
#include "graph/account/difference.h"
#include "io/nodes_json.h"
#include "io/recipe.h"
#include "io/text.h"
#include "io/timeline_json.h"
#include "runtime/error.h"

namespace sluice::apps {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code away;  // a folder that may not be entered, a name that is too long
  return fs::is_regular_file(path, away);
}

struct RunFiles {
  graph::MeasuredRun measured;
  io::Machine machine;
};

// Without a timeline: noise cannot be told, and the difference says so.
RunFiles read_run(const fs::path& folder) {
  require(is_file(folder / "nodes.json"),
          "{} holds no nodes.json; valid: the folder of a run that train or profile --out made",
          io::one_line(folder.string()));
  io::NodesFile nodes = io::read_nodes_json(folder / "nodes.json");
  RunFiles run{.measured = {.account = std::move(nodes.account), .timeline = {}},
               .machine = std::move(nodes.machine)};
  if (is_file(folder / "timeline.json"))
    run.measured.timeline = io::read_timeline_json(folder / "timeline.json");
  return run;
}

std::string version_of(const io::Machine& machine, const std::string& name) {
  const auto found = machine.versions.find(name);
  return found == machine.versions.end() ? "none" : found->second;
}

void add_machines(const io::Machine& before, const io::Machine& after,
                  std::vector<std::string>& lines) {
  if (before.cpu != after.cpu)
    lines.push_back(fmt::format("processor: {}, then {}", before.cpu, after.cpu));
  io::Machine all = before;
  all.versions.insert(after.versions.begin(), after.versions.end());
  for (const auto& [name, version] : all.versions) {
    const std::string was = version_of(before, name), is = version_of(after, name);
    if (was != is) lines.push_back(fmt::format("version of {}: {}, then {}", name, was, is));
  }
}

// Folders without a recipe say nothing about it.
void add_recipes(const fs::path& before, const fs::path& after, std::vector<std::string>& lines) {
  if (!is_file(before / "recipe.toml") || !is_file(after / "recipe.toml")) return;
  io::Recipe was, is;
  was.load(before / "recipe.toml");
  is.load(after / "recipe.toml");
  for (std::string& words : io::recipe_differences(was, is)) lines.push_back(std::move(words));
  if (was.text("data.path") != is.text("data.path"))
    lines.push_back(
        fmt::format("data.path was {}, now {}", was.text("data.path"), is.text("data.path")));
}

// Names of files and nodes may hold anything; a terminal gets none of it.
graph::Difference printable(graph::Difference difference) {
  for (std::string& words : difference.circumstances) words = io::without_controls(words);
  for (auto& node : difference.nodes) {
    node.name = io::without_controls(node.name);
    node.unit = io::without_controls(node.unit);
  }
  difference.text = io::without_controls(difference.text);
  return difference;
}

}  // namespace

Diff::Diff(CLI::App& app)
    : verb_(app.add_subcommand("diff", "what changed between two runs beyond noise")) {
  verb_->add_option("before", before_, "run folder")->required();
  verb_->add_option("after", after_, "run folder to compare with it")->required();
  verb_->add_flag("--json", json_, "one JSON document on stdout");
}

bool Diff::asked() const { return verb_->parsed(); }

int Diff::run() const {
  const RunFiles before = read_run(before_), after = read_run(after_);
  graph::Difference difference = graph::difference(before.measured, after.measured);
  add_machines(before.machine, after.machine, difference.circumstances);
  add_recipes(before_, after_, difference.circumstances);
  fmt::print("{}", json_ ? json(difference) : graph::table(printable(difference)));
  return 0;
}

}  // namespace sluice::apps
