#include "graph/account/shares.h"

#include <algorithm>

#include "graph/account/load.h"

namespace sluice::graph {

Shares shares_of(const AccountRecord& account, const ImageCosts& costs) {
  const double thread_seconds = account.wall_seconds * account.threads;
  if (thread_seconds <= 0.0) return {};
  Shares shares;
  double longest = 0.0;
  for (const NodeCost& cost : costs.nodes) {
    if (cost.lane != Lane::threads) continue;
    (cost.name == "read" ? shares.reading : shares.standing) += cost.waits;
    if (cost.name == "read" || cost.waits <= longest) continue;
    longest = cost.waits;
    shares.stands_in = cost.name;
  }
  const double part = costs.images / thread_seconds;
  shares.computing = std::min(costs.cpu() * part, 1.0);
  shares.reading *= part;
  shares.standing *= part;
  // More threads than cores delay each other: what they lose to others is what they could have had.
  const double all_they_get =
      account.cores > 0 ? std::min(1.0, account.cores / static_cast<double>(account.threads)) : 1.0;
  const double lost = std::max(all_they_get - shares.computing, 0.0);
  const double ready = std::min(costs.delayed * part, std::max(1.0 - shares.taken(), 0.0));
  shares.delayed = std::min(ready, lost);
  shares.crowded = ready - shares.delayed;
  return shares;
}

Lanes lanes_of(const AccountRecord& account) {
  Lanes lanes;
  double longest = 0.0;
  for (const NodeRecord& node : account.nodes) {
    const double load = graph::load(node, account.threads);
    if (node.lane == Lane::step) {
      (node.place == "cpu" ? lanes.cpu_step : lanes.device) += load;
      if (node.busy_seconds > longest) lanes.step_node = node.name;
      longest = std::max(longest, node.busy_seconds);
    }
    if (node.lane == Lane::own && load > lanes.serial) {
      lanes.serial = load;
      lanes.serial_node = node.name;
    }
  }
  return lanes;
}

}  // namespace sluice::graph
