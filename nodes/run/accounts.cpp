#include "nodes/run/accounts.h"

#include <string>

namespace sluice::nodes {

void add_account(AccountRecord& whole, const AccountRecord& part, std::string_view prefix) {
  for (NodeRecord node : part.nodes) {
    node.name = std::string(prefix) + node.name;
    whole.nodes.push_back(std::move(node));
  }
  whole.wall_seconds += part.wall_seconds;
  whole.cpu_seconds_process += part.cpu_seconds_process;
  whole.cpu_seconds_attributed += part.cpu_seconds_attributed;
  whole.threads = part.threads;
}

}  // namespace sluice::nodes
