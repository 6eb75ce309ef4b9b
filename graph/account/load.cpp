#include "graph/account/load.h"

#include <algorithm>

namespace sluice::graph {

double load(const NodeRecord& node, int threads) {
  if (node.run_seconds <= 0.0) return 0.0;
  const double lanes = node.lane == Lane::threads ? std::max(threads, 1) : 1.0;
  return node.busy_seconds / (node.run_seconds * lanes);
}

double lane_load(const AccountRecord& account, Lane lane) {
  double sum = 0.0;
  for (const NodeRecord& node : account.nodes) {
    if (node.lane == lane) sum += load(node, account.threads);
  }
  return sum;
}

double core_load(const AccountRecord& account) {
  const double cores = account.wall_seconds * std::max(account.threads, 1);
  if (cores <= 0.0) return 0.0;
  double cpu = account.cpu_seconds_of("scheduler");
  for (const NodeRecord& node : account.nodes) cpu += node.cpu_seconds;
  return cpu / cores;
}

}  // namespace sluice::graph
