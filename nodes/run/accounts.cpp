#include "nodes/run/accounts.h"

#include <optional>
#include <string>

namespace sluice::nodes {

namespace {

void add_overhead(AccountRecord& whole, const Overhead& more) {
  for (Overhead& row : whole.overheads) {
    if (row.name != more.name) continue;
    row.cpu_seconds += more.cpu_seconds;
    return;
  }
  whole.overheads.push_back(more);
}

}  // namespace

void add_account(AccountRecord& whole, const AccountRecord& part, std::string_view prefix) {
  for (NodeRecord node : part.nodes) {
    node.name = std::string(prefix) + node.name;
    whole.nodes.push_back(std::move(node));
  }
  for (DeviceRecord device : part.devices) {
    device.place = std::string(prefix) + device.place;
    whole.devices.push_back(std::move(device));
  }
  whole.wall_seconds += part.wall_seconds;
  whole.cpu_seconds_process += part.cpu_seconds_process;
  whole.process = whole.process + part.process;
  for (const Overhead& more : part.overheads) add_overhead(whole, more);
  whole.threads = part.threads;
}

void add_device(AccountRecord& account, const Program& program) {
  const std::optional<DeviceTimes> times = program.device_times();
  if (!times) return;
  account.devices.push_back(
      {.place = std::string(program.place()),
       .name = times->device,
       .compute_seconds = times->forward_seconds + times->backward_seconds + times->update_seconds,
       .copy_seconds = times->copy_seconds,
       .idle_seconds = times->idle_seconds,
       .bytes_copied = static_cast<std::int64_t>(times->bytes_copied),
       .bytes_held = static_cast<std::int64_t>(times->bytes_held)});
}

}  // namespace sluice::nodes
