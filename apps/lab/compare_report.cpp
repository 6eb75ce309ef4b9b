#include "apps/lab/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graph/account/common_factor.h"

namespace sluice::apps {
namespace {

using graph::MeanOf;
using nlohmann::ordered_json;
using nodes::ComparedPair;
using nodes::ComparedRecipe;
using nodes::microseconds_of;
using nodes::TogetherCosts;

constexpr double kPercent = 100.0;

// A difference of logarithms as percent.
std::string percent_of(const MeanOf& log) {
  if (!log.known()) return "";
  return fmt::format("{:+.1f} % ({:+.1f} to {:+.1f}): {}", kPercent * std::expm1(log.mean),
                     kPercent * std::expm1(log.mean - log.half_interval),
                     kPercent * std::expm1(log.mean + log.half_interval), nodes::words_of(log));
}

// A difference of shares as percentage points.
std::string points_of(const MeanOf& share) {
  if (!share.known()) return "";
  return fmt::format("{:+.2f} ({:+.2f} to {:+.2f}): {}", kPercent * share.mean,
                     kPercent * (share.mean - share.half_interval),
                     kPercent * (share.mean + share.half_interval), nodes::words_of(share));
}

// Their mean and its interval, times `scale`.
std::string mean_text(const std::vector<double>& values, double scale) {
  const MeanOf mean = graph::mean_of(values);
  if (mean.count == 0) return "";
  if (!mean.known()) return fmt::format("{:.2f}", scale * mean.mean);
  return fmt::format("{:.2f} +- {:.2f}", scale * mean.mean, scale * mean.half_interval);
}

std::string whole_of(const ComparedRecipe& recipe) {
  if (!recipe.whole) return "";
  const Rate& rate = recipe.whole->rate;
  const std::string error = rate.error > 0.0 ? fmt::format(" +- {:.1f}", rate.error) : "";
  return fmt::format("{:.1f}{}{}", rate.images_per_second, error,
                     recipe.whole->predicted ? " (predicted)" : "");
}

io::WordTable rate_table(const std::vector<ComparedRecipe>& recipes) {
  const std::string& first = recipes.front().name;
  io::WordTable table{.heading = "How fast they are",
                      .columns = {"recipe", "chain, images/s", fmt::format("against {}", first),
                                  "whole run, images/s"},
                      .rows = {}};
  for (const ComparedRecipe& recipe : recipes) {
    const MeanOf log_rate = nodes::against(recipes.front(), recipe).log_rate;
    table.rows.push_back({recipe.name, fmt::format("{:.0f}", graph::median(recipe.rates)),
                          &recipe == &recipes.front() ? "" : percent_of(log_rate),
                          whole_of(recipe)});
  }
  return table;
}

io::WordTable accuracy_table(const std::vector<ComparedRecipe>& recipes, int epochs) {
  io::WordTable table{
      .heading = fmt::format("How right they are after {} epoch{}", epochs, epochs == 1 ? "" : "s"),
      .columns = {"recipe", "training loss", "top-1, %",
                  fmt::format("points more than {}", recipes.front().name), "per class, %",
                  "points more", "minutes"},
      .rows = {}};
  for (const ComparedRecipe& recipe : recipes) {
    const bool first = &recipe == &recipes.front();
    const ComparedPair pair = nodes::against(recipes.front(), recipe);
    table.rows.push_back({recipe.name, mean_text(recipe.losses, 1.0),
                          mean_text(recipe.top1, kPercent), first ? "" : points_of(pair.top1),
                          mean_text(recipe.per_class, kPercent),
                          first ? "" : points_of(pair.per_class),
                          fmt::format("{:.1f}", graph::mean_of(recipe.seconds).mean / 60.0)});
  }
  return table;
}

// Nodes in the order in which recipes bring them in.
io::WordTable node_table(const std::vector<ComparedRecipe>& recipes) {
  io::WordTable table{
      .heading = "Nodes, CPU microseconds an image", .columns = {"node"}, .rows = {}};
  std::vector<std::string> names;
  for (const ComparedRecipe& recipe : recipes) {
    table.columns.push_back(recipe.name);
    for (const auto& node : recipe.nodes)
      if (std::ranges::find(names, node.node) == names.end()) names.push_back(node.node);
  }
  for (const std::string& name : names) {
    std::vector<std::string> row = {name};
    for (const ComparedRecipe& recipe : recipes) {
      const auto node = std::ranges::find(recipe.nodes, name, &nodes::ComparedNode::node);
      row.push_back(node == recipe.nodes.end() ? "" : fmt::format("{:.1f}", node->microseconds));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

double sum_of(const ComparedRecipe& recipe) {
  double sum = 0.0;
  for (const auto& node : recipe.nodes) sum += node.microseconds;
  return sum;
}

// Shared nodes once, then what each recipe adds.
io::WordTable together_table(const std::vector<ComparedRecipe>& recipes,
                             const TogetherCosts& costs) {
  io::WordTable table{.heading = "In one pipeline, CPU microseconds an image",
                      .columns = {"node", "for all"},
                      .rows = {}};
  for (const ComparedRecipe& recipe : recipes) table.columns.push_back(recipe.name);
  for (const auto& node : costs.nodes) {
    std::vector<std::string> row(table.columns.size());
    const auto at = std::ranges::find(recipes, node.recipe, &ComparedRecipe::name);
    const auto column = node.recipe.empty() ? 1 : 2 + (at - recipes.begin());
    row.front() = node.node;
    row[static_cast<std::size_t>(column)] = fmt::format("{:.1f}", node.microseconds);
    // A node that several recipes have has one row.
    const auto same = std::ranges::find_if(table.rows, [&](const auto& before) {
      return before.front() == node.node && before[1].empty() && !node.recipe.empty();
    });
    if (same == table.rows.end()) {
      table.rows.push_back(std::move(row));
    } else {
      (*same)[static_cast<std::size_t>(column)] = row[static_cast<std::size_t>(column)];
    }
  }
  std::vector<std::string> sums = {"together", fmt::format("{:.1f}", microseconds_of(costs, ""))};
  std::vector<std::string> alone = {"alone", ""};
  for (const ComparedRecipe& recipe : recipes) {
    sums.push_back(fmt::format("+{:.1f}", microseconds_of(costs, recipe.name)));
    alone.push_back(fmt::format("{:.1f}", sum_of(recipe)));
  }
  table.rows.push_back(std::move(sums));
  table.rows.push_back(std::move(alone));
  return table;
}

// "b adds 12.3 us an image to 55.2: both together 67.5, one after the other 105.4"
std::string together_words(const std::vector<ComparedRecipe>& recipes, const TogetherCosts& costs) {
  double all = microseconds_of(costs, ""), apart = 0.0, last = 0.0;
  for (const ComparedRecipe& recipe : recipes) {
    last = microseconds_of(costs, recipe.name);
    all += last;
    apart += sum_of(recipe);
  }
  return fmt::format(
      "In one pipeline {} adds {:.1f} us of CPU an image to the {:.1f} of what stands before it; "
      "all together take {:.1f} us, one after the other {:.1f}. {:.0f} images/s end in every "
      "batch.",
      recipes.back().name, last, all - last, all, apart, graph::median(costs.rates));
}

ordered_json document_of(const TogetherCosts& costs) {
  ordered_json nodes = ordered_json::array();
  for (const auto& node : costs.nodes)
    nodes.push_back({{"node", node.node},
                     {"recipe", node.recipe.empty() ? ordered_json() : ordered_json(node.recipe)},
                     {"cpu_microseconds", node.microseconds}});
  return {{"images_per_second", costs.rates}, {"nodes", std::move(nodes)}};
}

ordered_json document_of(const MeanOf& mean) {
  if (!mean.known()) return nullptr;
  return {
      {"mean", mean.mean}, {"half_interval", mean.half_interval}, {"text", nodes::words_of(mean)}};
}

ordered_json document_of(const ComparedRecipe& recipe, const ComparedPair& pair) {
  ordered_json nodes = ordered_json::array();
  for (const auto& node : recipe.nodes)
    nodes.push_back({{"node", node.node}, {"cpu_microseconds", node.microseconds}});
  ordered_json document = {{"name", recipe.name},
                           {"chain_images_per_second", recipe.rates},
                           {"nodes", std::move(nodes)},
                           {"whole", nullptr},
                           {"training_loss", recipe.losses},
                           {"top1", recipe.top1},
                           {"per_class", recipe.per_class},
                           {"seconds", recipe.seconds},
                           {"log_rate_difference", document_of(pair.log_rate)},
                           {"top1_difference", document_of(pair.top1)},
                           {"per_class_difference", document_of(pair.per_class)}};
  if (recipe.whole)
    document["whole"] = {{"images_per_second", recipe.whole->rate.images_per_second},
                         {"error", recipe.whole->rate.error},
                         {"predicted", recipe.whole->predicted}};
  return document;
}

}  // namespace

io::TablesPage comparison(const nodes::Comparison& compared, const Told& told) {
  const std::vector<ComparedRecipe>& recipes = compared.recipes;
  io::TablesPage page{.title = fmt::format("{} recipes", recipes.size()), .lead = {}, .tables = {}};
  if (told.studied) {
    page.title = told.studied->title;
    page.lead = {fmt::format("Claim: {} ({})", told.studied->claim, told.studied->source),
                 fmt::format("Size: {}", told.studied->size)};
  }
  if (told.seeds > 0)
    page.lead.push_back(
        fmt::format("{} epochs, {} seed{}; differences are paired by seed, with their 95 % "
                    "intervals.",
                    told.epochs, told.seeds, told.seeds == 1 ? "" : "s"));
  if (told.seeds > 0) page.tables.push_back(accuracy_table(recipes, told.epochs));
  page.tables.push_back(rate_table(recipes));
  page.tables.push_back(node_table(recipes));
  if (!compared.together) return page;
  page.lead.push_back(together_words(recipes, *compared.together));
  page.tables.push_back(together_table(recipes, *compared.together));
  return page;
}

std::string comparison_json(const nodes::Comparison& compared, const Told& told) {
  const std::vector<ComparedRecipe>& recipes = compared.recipes;
  ordered_json document = {{"study", nullptr}, {"epochs", told.epochs}, {"seeds", told.seeds}};
  if (told.studied)
    document["study"] = {{"title", told.studied->title},
                         {"claim", told.studied->claim},
                         {"source", told.studied->source},
                         {"size", told.studied->size}};
  ordered_json rows = ordered_json::array();
  for (const ComparedRecipe& recipe : recipes)
    rows.push_back(document_of(recipe, nodes::against(recipes.front(), recipe)));
  document["recipes"] = std::move(rows);
  document["together"] = nullptr;
  if (compared.together) document["together"] = document_of(*compared.together);
  return document.dump(2) + "\n";
}

}  // namespace sluice::apps
