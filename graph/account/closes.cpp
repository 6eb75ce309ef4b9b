#include "graph/account/closes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sluice::graph {
namespace {

constexpr double kMostGap = 2.0;          // percent
constexpr double kLeastCpuSeconds = 0.2;  // below, a clock's tick is a percent

}  // namespace

bool closes(const NodeRecord& node) {
  return node.items_in == node.items_out + node.items_failed + node.items_held;
}

bool closes(const AccountRecord& account) {
  return std::all_of(account.nodes.begin(), account.nodes.end(),
                     [](const NodeRecord& node) { return closes(node); });
}

std::string gap_words(const AccountRecord& account) {
  const double gap = account.gap_percent();
  if (account.cpu_seconds_process < kLeastCpuSeconds || std::abs(gap) <= kMostGap) return {};
  if (gap > 0) return fmt::format("; {:.1f} % of the process's CPU has no name", gap);
  return fmt::format("; {:.1f} % more CPU has a name than the process used", -gap);
}

}  // namespace sluice::graph
