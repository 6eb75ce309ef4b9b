#include "apps/lab/nodes.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "apps/lab/nodes_report.h"
#include "io/atomic_file.h"
#include "nodes/catalogue.h"

namespace sluice::apps {
namespace {

std::string_view kind_word(const nodes::CatalogueNode& node) {
  if (node.is_group()) return "group";
  switch (node.info.kind) {
    case graph::NodeKind::geometry:
      return "geometry";
    case graph::NodeKind::colour:
      return "colour";
    default:
      return "pixels";
  }
}

std::string_view cost_word(graph::CostClass cost) {
  return cost == graph::CostClass::pixels_in ? "the pixels that come in" : "the pixels that go out";
}

std::string_view type_word(graph::ParameterType type) {
  switch (type) {
    case graph::ParameterType::integer:
      return "whole number";
    case graph::ParameterType::real:
      return "number";
    case graph::ParameterType::word:
      break;
  }
  return "word";
}

std::vector<io::CatalogueParameter> parameters_of(std::span<const graph::ParameterSpec> specs) {
  std::vector<io::CatalogueParameter> result;
  for (const graph::ParameterSpec& spec : specs)
    result.push_back({std::string(spec.name), std::string(type_word(spec.type)),
                      std::string(spec.unit), std::string(spec.default_value),
                      std::string(spec.valid), std::string(spec.help)});
  return result;
}

// Of a node as it stands in a recipe without parameters.
std::string tested_words(const nodes::CatalogueNode& node) {
  const std::string name(node.info.name);
  const auto tested = node.tested({.node = name, .name = name, .use = true, .parameters = {}});
  if (tested.empty()) return "left out when a net is tested";
  if (tested.front().node == name) return "kept when a net is tested";
  return fmt::format("{} when a net is tested", tested.front().node);
}

io::CatalogueItem item_of(const nodes::CatalogueNode& node) {
  io::CatalogueItem item{.name = std::string(node.info.name),
                         .kind = std::string(kind_word(node)),
                         .cost = std::string(cost_word(node.info.cost)),
                         .help = std::string(node.info.help),
                         .tested = tested_words(node),
                         .notes = {},
                         .parameters = parameters_of(node.info.parameters)};
  if (!node.takes_floats) item.notes.emplace_back("takes bytes only, so it stands before the mean");
  if (node.gives_floats) item.notes.emplace_back("makes floats of bytes");
  if (node.takes_members)
    item.notes.emplace_back("its members stand behind it and say in = its name");
  return item;
}

}  // namespace

Nodes::Nodes(CLI::App& app)
    : verb_(app.add_subcommand("nodes", "the nodes that a chain may hold, and their parameters")) {
  verb_->add_option("NAME", names_, "only these");
  CLI::Option* json = verb_->add_flag("--json", json_, "as one JSON document on stdout");
  verb_->add_option("--page", page_, "writes the catalogue as one HTML file instead")
      ->excludes(json);
}

bool Nodes::asked() const { return verb_->parsed(); }

int Nodes::run() const {
  std::vector<io::CatalogueItem> items;
  for (const std::string& name : names_) items.push_back(item_of(nodes::find_node(name)));
  if (names_.empty())
    for (const nodes::CatalogueNode& node : nodes::catalogue()) items.push_back(item_of(node));
  const auto general = parameters_of(nodes::general_parameters());
  if (!page_.empty()) {
    io::write_text_file(page_, io::catalogue_page(items, general));
    return 0;
  }
  fmt::print("{}", json_ ? nodes_json(items, general) : nodes_text(items, general));
  return 0;
}

}  // namespace sluice::apps
