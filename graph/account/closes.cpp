#include "graph/account/closes.h"

#include <algorithm>

namespace sluice::graph {

bool closes(const NodeRecord& node) {
  return node.items_in == node.items_out + node.items_failed + node.items_held;
}

bool closes(const AccountRecord& account) {
  return std::all_of(account.nodes.begin(), account.nodes.end(),
                     [](const NodeRecord& node) { return closes(node); });
}

}  // namespace sluice::graph
