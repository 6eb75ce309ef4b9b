#include "graph/account/costs.h"

#include <algorithm>
#include <cmath>

namespace sluice::graph {
namespace {

bool on_threads(const NodeRecord& node) { return node.lane == Lane::threads; }

double standing(const NodeRecord& node) {
  return on_threads(node) ? std::max(node.busy_seconds - node.cpu_seconds, 0.0) : 0.0;
}

// As if the times were spread like a lognormal body of which the tail is no part.
double typical_seconds(const NodeRecord& node) {
  constexpr double kNinthDecile = 1.2816;  // of the normal distribution
  if (node.p50_ms <= 0.0) return 0.0;
  const double sigma = std::log(std::max(node.p90_ms / node.p50_ms, 1.0)) / kNinthDecile;
  return 1e-3 * node.p50_ms * std::exp(0.5 * std::min(sigma * sigma, 1.0));
}

template <class Value>
double sum(const AccountRecord& account, const Value& value) {
  double total = 0.0;
  for (const NodeRecord& node : account.nodes) total += value(node);
  return total;
}

// Thread-seconds without a core. The kernel tells them for all threads; what of them is more than
// threads stood anywhere belongs to helpers of batch nodes. Where it does not tell, a thread that
// stands in a node which never waits is taken to have had no core.
double delay_of(const AccountRecord& account) {
  if (account.process.run_delay_seconds > 0.0) return account.process.run_delay_seconds;
  return sum(account,
             [](const NodeRecord& node) { return node.name == "read" ? 0.0 : standing(node); });
}

// What of an image's memory a core's caches keep, and how fast they are filled again: an image that
// slept in `read` took 0.13 to 0.18 ms more CPU on 2.05 MB than one that did not (planted/run, slow
// disk, and the same without its plant; 2026-11-22).
constexpr double kCacheBytes = 4e6;
constexpr double kFillBytesPerSecond = 1.35e10;

double cold_seconds(const AccountRecord& account, double images) {
  const double held =
      sum(account,
          [](const NodeRecord& node) {
            return on_threads(node) ? static_cast<double>(node.bytes_held_max) : 0.0;
          }) /
      std::max(account.threads, 1);
  const double cpu =
      sum(account,
          [](const NodeRecord& node) { return on_threads(node) ? node.cpu_seconds : 0.0; }) /
      images;
  const double wakes =
      std::min(static_cast<double>(account.process.voluntary_switches) / images, 1.0);
  return std::min(wakes * std::min(held, kCacheBytes) / kFillBytesPerSecond, 0.5 * cpu);
}

}  // namespace

double ImageCosts::cpu() const {
  double total = scheduler;
  for (const NodeCost& cost : nodes) total += cost.cpu;
  return total;
}

double ImageCosts::waits() const {
  double total = 0.0;
  for (const NodeCost& cost : nodes) total += cost.waits;
  return total;
}

double ImageCosts::busy_of(Lane lane) const {
  double total = 0.0;
  for (const NodeCost& cost : nodes) total += cost.lane == lane ? cost.busy : 0.0;
  return total;
}

const NodeCost* ImageCosts::node(const std::string& name) const {
  const auto found = std::ranges::find(nodes, name, &NodeCost::name);
  return found == nodes.end() ? nullptr : &*found;
}

double images_of(const AccountRecord& account) {
  std::int64_t most = 0;
  for (const NodeRecord& node : account.nodes) {
    if (on_threads(node)) most = std::max(most, node.items_out + node.items_failed);
  }
  return static_cast<double>(most);
}

// A thread without a core may be anywhere: each node is charged by its part of all CPU.
ImageCosts costs_of(const AccountRecord& account) {
  ImageCosts costs{.images = images_of(account), .nodes = {}};
  if (costs.images <= 0.0) return costs;
  const double all_cpu = sum(account, [](const NodeRecord& node) { return node.cpu_seconds; }) +
                         account.cpu_seconds_of("scheduler");
  const double delay = delay_of(account);
  for (const NodeRecord& node : account.nodes) {
    const double without_core = all_cpu > 0.0 ? delay * node.cpu_seconds / all_cpu : 0.0;
    costs.nodes.push_back({.name = node.name,
                           .lane = node.lane,
                           .elsewhere = node.place != "cpu",
                           .busy = node.busy_seconds / costs.images,
                           .cpu = node.cpu_seconds / costs.images,
                           .waits = std::max(standing(node) - without_core, 0.0) / costs.images,
                           .typical = on_threads(node) ? typical_seconds(node) : 0.0});
  }
  costs.scheduler = account.cpu_seconds_of("scheduler") / costs.images;
  costs.delayed = delay / costs.images;
  costs.user = account.process.cpu_user_seconds / costs.images;
  costs.system = account.process.cpu_system_seconds / costs.images;
  costs.faults = static_cast<double>(account.process.minor_faults) / costs.images;
  costs.cold = cold_seconds(account, costs.images);
  return costs;
}

}  // namespace sluice::graph
