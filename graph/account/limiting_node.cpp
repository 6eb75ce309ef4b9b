#include "graph/account/limiting_node.h"

#include <algorithm>

namespace sluice::graph {

double load(const NodeRecord& node, const AccountRecord& account) {
  if (account.wall_seconds <= 0.0) return 0.0;
  const double lanes = node.unit == "image" ? std::max(account.threads, 1) : 1.0;
  return node.busy_seconds / (account.wall_seconds * lanes);
}

std::optional<NodeRecord> limiting_node(const AccountRecord& account) {
  const NodeRecord* most = nullptr;
  for (const NodeRecord& node : account.nodes) {
    if (node.items_in == 0) continue;
    if (most == nullptr || load(node, account) > load(*most, account)) most = &node;
  }
  if (most == nullptr) return std::nullopt;
  return *most;
}

}  // namespace sluice::graph
