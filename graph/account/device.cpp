#include "graph/account/device.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::graph {
namespace {

bool on_device(const NodeRecord& node) { return node.lane == Lane::step && node.place != "cpu"; }

}  // namespace

// The step's first node starts as soon as there is a batch and the step is free: what it starved is
// all the time in which data were missing, also while the device still worked on the batch before.
std::optional<DeviceWaits> device_waits(const AccountRecord& account) {
  const auto first = std::ranges::find_if(account.nodes, on_device);
  if (first == account.nodes.end() || first->run_seconds <= 0.0) return std::nullopt;
  double busy = 0.0;
  for (const NodeRecord& node : account.nodes) busy += on_device(node) ? node.busy_seconds : 0.0;
  const double run = first->run_seconds;
  const double idle = std::max(run - busy, 0.0);
  return DeviceWaits{.device = first->place == "gpu" ? "the GPU" : "the device",
                     .device_for_data = std::min(idle, first->starved_seconds) / run,
                     .data_for_device = first->blocked_seconds / run};
}

std::string text(const DeviceWaits& waits) {
  return fmt::format("{0} waited for data {1:.0f} %, data waited for {0} {2:.0f} %", waits.device,
                     100 * waits.device_for_data, 100 * waits.data_for_device);
}

}  // namespace sluice::graph
