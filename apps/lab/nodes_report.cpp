#include "apps/lab/nodes_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sluice::apps {
namespace {

using nlohmann::ordered_json;

std::string lines_of(std::span<const io::CatalogueParameter> parameters) {
  std::size_t name = 0, type = 0, otherwise = 0;
  for (const io::CatalogueParameter& parameter : parameters) {
    name = std::max(name, parameter.name.size());
    type = std::max(type, parameter.type.size());
    otherwise = std::max(otherwise, parameter.otherwise.size());
  }
  std::string text;
  for (const io::CatalogueParameter& parameter : parameters) {
    text += fmt::format("    {:{}}  {:{}}  {:{}}  {}{}; {}\n", parameter.name, name, parameter.type,
                        type, parameter.otherwise, otherwise, parameter.valid,
                        parameter.unit.empty() ? std::string() : fmt::format(" {}", parameter.unit),
                        parameter.help);
  }
  return text;
}

ordered_json json_of(std::span<const io::CatalogueParameter> parameters) {
  ordered_json array = ordered_json::array();
  for (const io::CatalogueParameter& parameter : parameters)
    array.push_back({{"name", parameter.name},
                     {"type", parameter.type},
                     {"unit", parameter.unit},
                     {"default", parameter.otherwise},
                     {"valid", parameter.valid},
                     {"help", parameter.help}});
  return array;
}

}  // namespace

std::string nodes_text(std::span<const io::CatalogueItem> items,
                       std::span<const io::CatalogueParameter> general) {
  std::string text;
  for (const io::CatalogueItem& item : items) {
    text += fmt::format("{}: {}\n  {}; cost grows with {}; {}", item.name, item.help, item.kind,
                        item.cost, item.tested);
    for (const std::string& note : item.notes) text += fmt::format("; {}", note);
    text += fmt::format("\n{}\n", lines_of(item.parameters));
  }
  return text + "every node, unless it has its own of that name:\n" + lines_of(general);
}

std::string nodes_json(std::span<const io::CatalogueItem> items,
                       std::span<const io::CatalogueParameter> general) {
  ordered_json nodes = ordered_json::array();
  for (const io::CatalogueItem& item : items)
    nodes.push_back({{"name", item.name},
                     {"kind", item.kind},
                     {"cost", item.cost},
                     {"help", item.help},
                     {"tested", item.tested},
                     {"notes", item.notes},
                     {"parameters", json_of(item.parameters)}});
  const ordered_json document = {{"nodes", nodes}, {"general_parameters", json_of(general)}};
  return document.dump(2) + "\n";
}

}  // namespace sluice::apps
