#include "graph/account/table.h"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::graph {
namespace {

std::string line(const NodeRecord& node, std::size_t width, double wall_seconds) {
  const double rate = wall_seconds > 0.0 ? static_cast<double>(node.items_out) / wall_seconds : 0.0;
  return fmt::format("{:<{}}  {:<6} {:>9} {:>9} {:>7} {:>6} {:>9.2f} {:>9.2f} {:>10.1f}\n",
                     node.name, width, node.unit, node.items_in, node.items_out, node.items_failed,
                     node.items_held, node.busy_seconds, node.cpu_seconds, rate);
}

}  // namespace

std::string table(const AccountRecord& account) {
  std::size_t width = 4;
  for (const NodeRecord& node : account.nodes) width = std::max(width, node.name.size());
  std::string text =
      fmt::format("{:<{}}  {:<6} {:>9} {:>9} {:>7} {:>6} {:>9} {:>9} {:>10}\n", "node", width,
                  "unit", "in", "out", "failed", "held", "busy s", "cpu s", "items/s");
  for (const NodeRecord& node : account.nodes) text += line(node, width, account.wall_seconds);
  const double process = account.cpu_seconds_process;
  const double gap =
      process > 0.0 ? 100.0 * (process - account.cpu_seconds_attributed) / process : 0.0;
  text += fmt::format(
      "wall {:.2f} s on {} thread{}; CPU of the process {:.2f} s, of which nodes and scheduler "
      "({:.2f} "
      "s) {:.2f} s, unexplained {:.1f} %\n",
      account.wall_seconds, account.threads, account.threads == 1 ? "" : "s", process,
      account.cpu_seconds_scheduler, account.cpu_seconds_attributed, gap);
  return text;
}

}  // namespace sluice::graph
