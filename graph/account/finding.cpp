#include "graph/account/finding.h"

#include <algorithm>

namespace sluice::graph {
namespace {

constexpr double kFull = 0.9;
constexpr double kTaken = 0.85;    // of thread time: threads limit
constexpr double kEven = 0.93;     // of each other
constexpr double kStands = 0.15;   // of thread time
constexpr double kWaits = 0.3;     // of the run
constexpr double kTail = 0.3;      // of thread time
constexpr double kIdleTail = 0.1;  // the same where threads are idle, too
constexpr double kSkewed = 3.0;    // mean over median of a node with few slow images

// The image node in which few images took most of its time.
struct Tail {
  std::string node;
  double share = 0.0;  // of thread time, beyond what typical images would have taken
};

Tail tail_of(const AccountRecord& account) {
  Tail tail;
  const double thread_seconds = account.wall_seconds * account.threads;
  for (const NodeRecord& node : account.nodes) {
    const auto items = static_cast<double>(node.items_out + node.items_failed);
    if (node.lane != Lane::threads || items <= 0.0) continue;
    const double mean = node.busy_seconds / items;
    const double typical = node.p50_ms * 1e-3;
    // In a broad mixture of sizes one image in ten is above the mean.
    if (mean < kSkewed * typical || node.p90_ms * 1e-3 > mean) continue;
    const double share = (mean - typical) * items / thread_seconds;
    if (share > tail.share) tail = {node.name, share};
  }
  return tail;
}

const NodeRecord* node_of(const AccountRecord& account, const std::string& name) {
  const auto found = std::ranges::find(account.nodes, name, &NodeRecord::name);
  return found == account.nodes.end() ? nullptr : &*found;
}

bool waits_long(const AccountRecord& account, const std::string& name, double part) {
  const NodeRecord* node = node_of(account, name);
  return node != nullptr && node->run_seconds > 0.0 &&
         node->blocked_seconds >= part * node->run_seconds;
}

std::string costliest(const ImageCosts& costs) {
  const auto most = std::ranges::max_element(costs.nodes, {}, &NodeCost::cpu);
  return most == costs.nodes.end() ? std::string() : most->name;
}

Finding computing(const AccountRecord& account, const ImageCosts& costs) {
  const bool cores_free = account.cores > account.threads;
  return {cores_free ? "threads" : "cores", costliest(costs)};
}

Finding among_taken(const AccountRecord& account, const ImageCosts& costs, const Shares& shares) {
  const Tail tail = tail_of(account);
  if (tail.share - shares.delayed >= kTail) return {"slow images", tail.node};
  const double cores =
      account.cores > 0 ? std::min(1.0, account.cores / static_cast<double>(account.threads)) : 1.0;
  const double most = std::max({shares.reading, shares.standing, shares.delayed});
  if (most < kStands || shares.computing >= kFull * cores) return computing(account, costs);
  if (most == shares.reading) return {"disk", "read"};
  if (most == shares.delayed) return {"other processes", costliest(costs)};
  return {"threads", shares.stands_in};
}

Finding among_idle(const AccountRecord& account, const ImageCosts& costs, const Lanes& lanes) {
  if (lanes.cpu_step >= kTaken) return {"step", lanes.step_node};
  if (waits_long(account, "decode", kWaits)) return {"memory", "decode"};
  const Tail tail = tail_of(account);
  if (tail.share >= kIdleTail) return {"slow images", tail.node};
  if (waits_long(account, "sampler", kWaits)) return {"slots", "sampler"};
  return {"balanced", costliest(costs)};
}

}  // namespace

Finding find_limit(const AccountRecord& account, const ImageCosts& costs) {
  const Shares shares = shares_of(account, costs);
  const Lanes lanes = lanes_of(account);
  const double lane = std::max(lanes.device, lanes.serial);
  const std::string& lane_node = lanes.device >= lanes.serial ? lanes.step_node : lanes.serial_node;
  const std::string lane_resource = lanes.device >= lanes.serial ? "step" : lanes.serial_node;
  const double taken = shares.taken();
  const bool both = std::min(lane, taken) >= kEven * std::max(lane, taken) && lane >= kTaken;
  // A serial node that computes takes a thread: both are full because of it.
  const bool same = lane_node == costliest(costs);
  if (both && !same) return {"balanced", lane_node};
  if (lane >= kFull || (both && same) || (lane >= kTaken && taken < lane))
    return {lane_resource, lane_node};
  if (taken >= kTaken) return among_taken(account, costs, shares);
  return among_idle(account, costs, lanes);
}

}  // namespace sluice::graph
