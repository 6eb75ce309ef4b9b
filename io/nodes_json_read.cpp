#include "io/json_fields.h"
#include "io/nodes_json.h"
#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

Lane lane_of(const JsonFields& node) {
  const std::string name = node.prose("lane");
  for (const Lane lane : {Lane::threads, Lane::step, Lane::own}) {
    if (lane_name(lane) == name) return lane;
  }
  fail(ErrorKind::usage, "{} = '{}'; valid: threads, step, own", node.where("lane"), name);
}

NodeRecord node_of(const JsonFields& node) {
  return {.name = node.text("name"),
          .place = node.text("place"),
          .unit = node.text("unit"),
          .lane = lane_of(node),
          .items_in = node.count("items_in"),
          .items_out = node.count("items_out"),
          .items_failed = node.count("items_failed"),
          .items_held = node.count("items_held"),
          .run_seconds = node.real("run_seconds"),
          .busy_seconds = node.real("busy_seconds"),
          .cpu_seconds = node.real("cpu_seconds"),
          .starved_seconds = node.real("starved_seconds"),
          .blocked_seconds = node.real("blocked_seconds"),
          .queued_seconds = node.real("queued_seconds"),
          .p50_ms = node.real("p50_ms"),
          .p90_ms = node.real("p90_ms"),
          .p99_ms = node.real("p99_ms"),
          .bytes_held_max = node.count("bytes_held_max")};
}

DeviceRecord device_of(const JsonFields& device) {
  return {.place = device.text("place"),
          .name = device.text("name"),
          .compute_seconds = device.real("compute_seconds"),
          .copy_seconds = device.real("copy_seconds"),
          .idle_seconds = device.real("idle_seconds"),
          .bytes_copied = device.count("bytes_copied"),
          .bytes_held = device.count("bytes_held")};
}

LayerRecord layer_of(const JsonFields& layer) {
  return {.name = layer.text("name"),
          .kind = layer.prose("kind"),
          .steps = layer.count("steps"),
          .forward_seconds = layer.real("forward_seconds"),
          .backward_seconds = layer.real("backward_seconds"),
          .update_seconds = layer.real("update_seconds")};
}

ProcessUsage process_of(const JsonFields& usage) {
  return {.cpu_user_seconds = usage.real("cpu_user_seconds"),
          .cpu_system_seconds = usage.real("cpu_system_seconds"),
          .minor_faults = usage.count("minor_faults"),
          .major_faults = usage.count("major_faults"),
          .voluntary_switches = usage.count("voluntary_switches"),
          .involuntary_switches = usage.count("involuntary_switches"),
          .bytes_read = usage.count("bytes_read"),
          .bytes_read_from_disk = usage.count("bytes_read_from_disk"),
          .resident_bytes_max = usage.count("resident_bytes_max"),
          .run_delay_seconds = usage.real("run_delay_seconds")};
}

Rate rate_of(const JsonFields& rate) {
  return {.images_per_second = rate.real("images_per_second"), .error = rate.real("error")};
}

Verdict verdict_of(const JsonFields& fields) {
  Verdict verdict{.limiting_node = fields.text("limiting_node"),
                  .resource = fields.prose("resource"),
                  .text = fields.prose("text"),
                  .headroom_percent = fields.real("headroom_percent"),
                  .next_limit = fields.prose("next_limit"),
                  .rate = rate_of(fields.object("rate"))};
  for (const JsonFields& remedy : fields.objects("remedies")) {
    verdict.remedies.push_back({.action = remedy.prose("action"),
                                .text = remedy.prose("text"),
                                .how = remedy.prose("how"),
                                .rate = rate_of(remedy.object("rate"))});
  }
  return verdict;
}

AccountRecord account_of(const JsonFields& document) {
  const JsonFields cpu = document.object("account");
  AccountRecord account{.nodes = {},
                        .overheads = {},
                        .wall_seconds = document.real("wall_seconds"),
                        .cpu_seconds_process = cpu.real("cpu_seconds_process"),
                        .threads = document.small_count("threads"),
                        .process = process_of(document.object("process")),
                        .cores = document.small_count("cores"),
                        .verdict = verdict_of(document.object("verdict"))};
  for (const JsonFields& node : document.objects("nodes")) account.nodes.push_back(node_of(node));
  for (const JsonFields& device : document.objects("devices"))
    account.devices.push_back(device_of(device));
  for (const JsonFields& layer : document.objects("layers"))
    account.layers.push_back(layer_of(layer));
  for (const JsonFields& prediction : document.objects("predictions"))
    account.predictions.push_back(
        {.threads = prediction.small_count("threads"),
         .rate = rate_of(prediction.object("rate")),
         .limit = prediction.prose("limit"),
         .needs_cores = prediction.small_count("threads") > account.cores});
  const JsonFields overheads = cpu.object("cpu_seconds_overheads");
  for (const std::string& name : overheads.keys())
    account.overheads.push_back({.name = name, .cpu_seconds = overheads.real(name.c_str())});
  return account;
}

}  // namespace

NodesFile parse_nodes_json(std::string_view text, const std::string& file) {
  const nlohmann::json json = parse_json(text, file);
  const JsonFields document(json, file);
  NodesFile read{.account = account_of(document), .machine = {.versions = {}, .cpu = {}}};
  read.machine.cpu = document.text("cpu");
  const JsonFields versions = document.object("versions");
  for (const std::string& name : versions.keys())
    read.machine.versions[percent_decoded(name)] = versions.text(name.c_str());
  return read;
}

NodesFile read_nodes_json(const std::filesystem::path& path) {
  return parse_nodes_json(json_text_of(path), one_line(path.string()));
}

}  // namespace sluice::io
