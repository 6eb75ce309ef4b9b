// Which node was busiest for what it may use.
#pragma once

#include <optional>

#include "runtime/account.h"

namespace sluice::graph {

// A node's load: the part of the run during which it was busy on everything it may use. Batch nodes
// are serial (one batch at a time), image nodes have all threads.
double load(const NodeRecord& node, const AccountRecord& account);

// The node with the highest load; none for an account without items. A hint, not a verdict: nodes
// that share the same threads limit each other.
std::optional<NodeRecord> limiting_node(const AccountRecord& account);

}  // namespace sluice::graph
