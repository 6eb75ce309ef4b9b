#include "io/nodes_json.h"

#include <nlohmann/json.hpp>

#include "io/atomic_file.h"
#include "io/text.h"

namespace sluice::io {
namespace {

using Json = nlohmann::ordered_json;

Json node_json(const NodeRecord& node, double wall_seconds) {
  Json json{{"name", percent_encoded(node.name)}, {"place", percent_encoded(node.place)},
            {"unit", percent_encoded(node.unit)}, {"items_in", node.items_in},
            {"items_out", node.items_out},        {"items_failed", node.items_failed},
            {"items_held", node.items_held},      {"busy_seconds", node.busy_seconds},
            {"cpu_seconds", node.cpu_seconds}};
  if (wall_seconds > 0)
    json["items_per_second"] = static_cast<double>(node.items_out) / wall_seconds;
  return json;
}

Json account_json(const AccountRecord& account) {
  const double process = account.cpu_seconds_process;
  Json json{{"cpu_seconds_process", process},
            {"cpu_seconds_attributed", account.cpu_seconds_attributed}};
  if (process > 0)
    json["gap_percent"] = 100.0 * (process - account.cpu_seconds_attributed) / process;
  return json;
}

}  // namespace

std::string nodes_json(const AccountRecord& account, const Machine& machine) {
  Json versions = Json::object();
  for (const auto& [name, version] : machine.versions) {
    versions[percent_encoded(name)] = percent_encoded(version);
  }
  Json nodes = Json::array();
  for (const NodeRecord& node : account.nodes)
    nodes.push_back(node_json(node, account.wall_seconds));
  const Json document{{"versions", versions},
                      {"cpu", percent_encoded(machine.cpu)},
                      {"wall_seconds", account.wall_seconds},
                      {"threads", account.threads},
                      {"nodes", nodes},
                      {"account", account_json(account)}};
  return document.dump(2) + "\n";
}

void write_nodes_json(const std::filesystem::path& path, const AccountRecord& account,
                      const Machine& machine) {
  write_text_file(path, nodes_json(account, machine));
}

}  // namespace sluice::io
