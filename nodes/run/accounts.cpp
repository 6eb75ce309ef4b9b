#include "nodes/run/accounts.h"

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
  whole.wall_seconds += part.wall_seconds;
  whole.cpu_seconds_process += part.cpu_seconds_process;
  whole.process = whole.process + part.process;
  for (const Overhead& more : part.overheads) add_overhead(whole, more);
  whole.threads = part.threads;
}

}  // namespace sluice::nodes
