#include "apps/lab/bench.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/lab/recipes.h"
#include "io/dataset.h"
#include "nodes/run/chain_bench.h"

namespace sluice::apps {
namespace {

using nodes::ChainCost;
using nodes::Nanoseconds;

constexpr double kMicro = 1e-3;  // nanoseconds to microseconds
constexpr double kKilo = 1e-3;

std::string line(const std::string& chain, const std::string& node, const Nanoseconds& time) {
  return fmt::format("{:<20} {:<20} {:>10.2f} {:>10.2f} {:>10.2f}", chain, node,
                     kMicro * time.median, kMicro * time.low, kMicro * time.high);
}

std::string table(const std::vector<ChainCost>& costs) {
  std::string text = fmt::format("{:<20} {:<20} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "chain",
                                 "node", "us/image", "from", "to", "kB in", "kB out");
  for (const ChainCost& cost : costs) {
    for (const auto& stage : cost.stages)
      text += fmt::format("{} {:>10.1f} {:>10.1f}\n", line(cost.chain, stage.node, stage.time),
                          kKilo * stage.bytes_in, kKilo * stage.bytes_out);
    text += line(cost.chain, "all nodes", cost.time) + "\n";
  }
  return text;
}

nlohmann::ordered_json document_of(const Nanoseconds& time) {
  return {{"ns", time.median}, {"ns_low", time.low}, {"ns_high", time.high}};
}

std::string json(const std::vector<ChainCost>& costs) {
  nlohmann::ordered_json chains = nlohmann::ordered_json::array();
  for (const ChainCost& cost : costs) {
    nlohmann::ordered_json stages = nlohmann::ordered_json::array();
    for (const auto& stage : cost.stages) {
      nlohmann::ordered_json row = {{"node", stage.node}};
      row.update(document_of(stage.time));
      row["bytes_in"] = stage.bytes_in;
      row["bytes_out"] = stage.bytes_out;
      stages.push_back(std::move(row));
    }
    chains.push_back(
        {{"chain", cost.chain}, {"all", document_of(cost.time)}, {"nodes", std::move(stages)}});
  }
  return nlohmann::ordered_json{{"chains", std::move(chains)}}.dump(2) + "\n";
}

}  // namespace

Bench::Bench(CLI::App& app)
    : verb_(app.add_subcommand("bench", "what every node of one or more chains costs")) {
  add_recipes(*verb_, wanted_);
  verb_->add_option("--images", images_, "images that are taken (default 32)")
      ->check(CLI::Range(1, 100'000));
  verb_->add_option("--rounds", rounds_, "turns of each chain (default 15)")
      ->check(CLI::Range(6, 100'000));
  verb_->add_flag("--json", json_, "one JSON document on stdout");
}

bool Bench::asked() const { return verb_->parsed(); }

int Bench::run() const {
  const io::Dataset data = io::open_unlabelled(wanted_.data);
  const std::vector<NamedRecipe> recipes = lab_recipes(wanted_);
  std::vector<nodes::SheetChain> chains;
  for (const NamedRecipe& recipe : recipes) chains.push_back({recipe.name, recipe.recipe});
  const std::vector<ChainCost> costs =
      nodes::chain_bench(data, chains, {.images = images_, .rounds = rounds_});
  fmt::print("{}", json_ ? json(costs) : table(costs));
  return 0;
}

}  // namespace sluice::apps
