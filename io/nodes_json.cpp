#include "io/nodes_json.h"

#include <nlohmann/json.hpp>

#include "io/atomic_file.h"
#include "io/text.h"

namespace sluice::io {
namespace {

using Json = nlohmann::ordered_json;

Json node_json(const NodeRecord& node) {
  Json json{{"name", percent_encoded(node.name)},
            {"place", percent_encoded(node.place)},
            {"unit", percent_encoded(node.unit)},
            {"items_in", node.items_in},
            {"items_out", node.items_out},
            {"items_failed", node.items_failed},
            {"items_held", node.items_held},
            {"run_seconds", node.run_seconds},
            {"busy_seconds", node.busy_seconds},
            {"cpu_seconds", node.cpu_seconds},
            {"starved_seconds", node.starved_seconds},
            {"blocked_seconds", node.blocked_seconds},
            {"queued_seconds", node.queued_seconds}};
  if (node.run_seconds > 0)
    json["items_per_second"] = static_cast<double>(node.items_out) / node.run_seconds;
  json["p50_ms"] = node.p50_ms;
  json["p90_ms"] = node.p90_ms;
  json["p99_ms"] = node.p99_ms;
  json["bytes_held_max"] = node.bytes_held_max;
  return json;
}

Json device_json(const DeviceRecord& device) {
  return {{"place", percent_encoded(device.place)},
          {"name", percent_encoded(device.name)},
          {"compute_seconds", device.compute_seconds},
          {"copy_seconds", device.copy_seconds},
          {"idle_seconds", device.idle_seconds},
          {"bytes_copied", device.bytes_copied},
          {"bytes_held", device.bytes_held}};
}

Json process_json(const ProcessUsage& usage) {
  return {{"cpu_user_seconds", usage.cpu_user_seconds},
          {"cpu_system_seconds", usage.cpu_system_seconds},
          {"minor_faults", usage.minor_faults},
          {"major_faults", usage.major_faults},
          {"voluntary_switches", usage.voluntary_switches},
          {"involuntary_switches", usage.involuntary_switches},
          {"bytes_read", usage.bytes_read},
          {"bytes_read_from_disk", usage.bytes_read_from_disk},
          {"resident_bytes_max", usage.resident_bytes_max}};
}

Json account_json(const AccountRecord& account) {
  Json overheads = Json::object();
  for (const Overhead& row : account.overheads) overheads[row.name] = row.cpu_seconds;
  Json json{{"cpu_seconds_process", account.cpu_seconds_process},
            {"cpu_seconds_attributed", account.cpu_seconds_attributed()},
            {"cpu_seconds_overheads", overheads}};
  if (account.cpu_seconds_process > 0) json["gap_percent"] = account.gap_percent();
  return json;
}

// Prose with per cent signs stays as it is; JSON holds UTF-8 only.
std::string prose(const std::string& text) { return is_utf8(text) ? text : percent_encoded(text); }

Json verdict_json(const Verdict& verdict) {
  return {{"limiting_node", percent_encoded(verdict.limiting_node)},
          {"resource", prose(verdict.resource)},
          {"text", prose(verdict.text)},
          {"headroom_percent", verdict.headroom_percent}};
}

}  // namespace

std::string nodes_json(const AccountRecord& account, const Machine& machine) {
  Json versions = Json::object();
  for (const auto& [name, version] : machine.versions) {
    versions[percent_encoded(name)] = percent_encoded(version);
  }
  Json nodes = Json::array();
  for (const NodeRecord& node : account.nodes) nodes.push_back(node_json(node));
  Json devices = Json::array();
  for (const DeviceRecord& device : account.devices) devices.push_back(device_json(device));
  const Json document{{"versions", versions},
                      {"cpu", percent_encoded(machine.cpu)},
                      {"wall_seconds", account.wall_seconds},
                      {"threads", account.threads},
                      {"nodes", nodes},
                      {"devices", devices},
                      {"account", account_json(account)},
                      {"process", process_json(account.process)},
                      {"verdict", verdict_json(account.verdict)}};
  return document.dump(2) + "\n";
}

void write_nodes_json(const std::filesystem::path& path, const AccountRecord& account,
                      const Machine& machine) {
  write_text_file(path, nodes_json(account, machine));
}

}  // namespace sluice::io
