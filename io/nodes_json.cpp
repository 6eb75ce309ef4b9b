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
            {"lane", lane_name(node.lane)},
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
          {"resident_bytes_max", usage.resident_bytes_max},
          {"run_delay_seconds", usage.run_delay_seconds}};
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

Json rate_json(const Rate& rate) {
  return {{"images_per_second", rate.images_per_second}, {"error", rate.error}};
}

Json verdict_json(const Verdict& verdict) {
  Json remedies = Json::array();
  for (const Remedy& remedy : verdict.remedies) {
    remedies.push_back({{"action", prose(remedy.action)},
                        {"text", prose(remedy.text)},
                        {"how", prose(remedy.how)},
                        {"rate", rate_json(remedy.rate)}});
  }
  return {{"limiting_node", percent_encoded(verdict.limiting_node)},
          {"resource", prose(verdict.resource)},
          {"text", prose(verdict.text)},
          {"headroom_percent", verdict.headroom_percent},
          {"next_limit", prose(verdict.next_limit)},
          {"rate", rate_json(verdict.rate)},
          {"remedies", remedies}};
}

Json prediction_json(const ThreadPrediction& prediction) {
  return {{"threads", prediction.threads},
          {"rate", rate_json(prediction.rate)},
          {"limit", prose(prediction.limit)},
          {"needs_cores", prediction.needs_cores}};
}

Json layer_json(const LayerRecord& layer) {
  return {{"name", percent_encoded(layer.name)},
          {"kind", prose(layer.kind)},
          {"steps", layer.steps},
          {"forward_seconds", layer.forward_seconds},
          {"backward_seconds", layer.backward_seconds},
          {"update_seconds", layer.update_seconds}};
}

}  // namespace

std::string_view lane_name(Lane lane) {
  switch (lane) {
    case Lane::threads:
      return "threads";
    case Lane::step:
      return "step";
    case Lane::own:
      break;
  }
  return "own";
}

std::string nodes_json(const AccountRecord& account, const Machine& machine) {
  Json versions = Json::object();
  for (const auto& [name, version] : machine.versions) {
    versions[percent_encoded(name)] = percent_encoded(version);
  }
  Json nodes = Json::array();
  for (const NodeRecord& node : account.nodes) nodes.push_back(node_json(node));
  Json devices = Json::array();
  for (const DeviceRecord& device : account.devices) devices.push_back(device_json(device));
  Json layers = Json::array();
  for (const LayerRecord& layer : account.layers) layers.push_back(layer_json(layer));
  Json predictions = Json::array();
  for (const ThreadPrediction& prediction : account.predictions)
    predictions.push_back(prediction_json(prediction));
  const Json document{{"versions", versions},
                      {"cpu", percent_encoded(machine.cpu)},
                      {"wall_seconds", account.wall_seconds},
                      {"threads", account.threads},
                      {"cores", account.cores},
                      {"nodes", nodes},
                      {"devices", devices},
                      {"layers", layers},
                      {"account", account_json(account)},
                      {"process", process_json(account.process)},
                      {"verdict", verdict_json(account.verdict)},
                      {"predictions", predictions}};
  return document.dump(2) + "\n";
}

void write_nodes_json(const std::filesystem::path& path, const AccountRecord& account,
                      const Machine& machine) {
  write_text_file(path, nodes_json(account, machine));
}

}  // namespace sluice::io
