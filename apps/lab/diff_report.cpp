#include "apps/lab/diff_report.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "io/text.h"

namespace sluice::apps {
namespace {

using nlohmann::ordered_json;

std::string_view word(graph::Fate fate) {
  switch (fate) {
    case graph::Fate::same:
      return "same";
    case graph::Fate::slower:
      return "slower";
    case graph::Fate::faster:
      return "faster";
    case graph::Fate::only_before:
      return "only before";
    case graph::Fate::only_after:
      return "only after";
    case graph::Fate::unknown:
      break;
  }
  return "unknown";
}

ordered_json node_json(const graph::NodeDifference& node) {
  ordered_json json = {{"name", io::percent_encoded(node.name)},
                       {"unit", io::percent_encoded(node.unit)},
                       {"fate", word(node.fate)},
                       {"cost", node.cost == graph::Cost::cpu ? "cpu" : "busy"}};
  if (node.fate != graph::Fate::only_after) json["before_seconds"] = node.before_seconds;
  if (node.fate != graph::Fate::only_before) json["after_seconds"] = node.after_seconds;
  if (node.percent_to_tell > 0.0) {
    json["percent"] = node.percent;
    json["percent_error"] = node.percent_error;
    json["percent_to_tell"] = node.percent_to_tell;
  }
  return json;
}

// What a recipe or a processor's name may hold; JSON holds UTF-8 only.
std::string prose(const std::string& text) {
  return io::is_utf8(text) ? text : io::percent_encoded(text);
}

}  // namespace

std::string json(const graph::Difference& difference) {
  ordered_json circumstances = ordered_json::array(), nodes = ordered_json::array();
  for (const std::string& line : difference.circumstances) circumstances.push_back(prose(line));
  for (const graph::NodeDifference& node : difference.nodes) nodes.push_back(node_json(node));
  const ordered_json document = {
      {"changed", difference.changed()},
      {"text", prose(difference.text)},
      {"circumstances", circumstances},
      {"images_per_second", {{"before", difference.before_rate}, {"after", difference.after_rate}}},
      {"machine",
       {{"percent", difference.machine_percent},
        {"percent_error", difference.machine_percent_error}}},
      {"nodes", nodes}};
  return document.dump(2) + "\n";
}

}  // namespace sluice::apps
