#include <fmt/format.h>

#include <algorithm>

#include "graph/account/difference.h"

namespace sluice::graph {
namespace {

std::string_view word(const NodeDifference& node) {
  switch (node.fate) {
    case Fate::same:
      return "";
    case Fate::slower:
      return "slower";
    case Fate::faster:
      return "faster";
    case Fate::only_before:
      return "gone";
    case Fate::only_after:
      return "new";
    case Fate::unknown:
      break;
  }
  return "too few items to tell";
}

std::string microseconds(double seconds, bool there) {
  return there ? fmt::format("{:.2f}", seconds * 1e6) : std::string("-");
}

std::string line(const NodeDifference& node, std::size_t width) {
  const bool told = node.percent_to_tell > 0.0;
  return fmt::format("{:<{}}  {:<5}  {:<4} {:>12} {:>12} {:>8} {:>7} {:>9}  {}\n", node.name, width,
                     node.unit, node.cost == Cost::cpu ? "cpu" : "busy",
                     microseconds(node.before_seconds, node.fate != Fate::only_after),
                     microseconds(node.after_seconds, node.fate != Fate::only_before),
                     told ? fmt::format("{:+.1f} %", node.percent) : "",
                     told ? fmt::format("{:.1f} %", node.percent_error) : "",
                     told ? fmt::format("{:.1f} %", node.percent_to_tell) : "", word(node));
}

std::string machine_line(const Difference& difference) {
  if (difference.machine_percent == 0.0)
    return fmt::format("the whole machine: no change (+-{:.1f} %)\n",
                       difference.machine_percent_error);
  return fmt::format(
      "the whole machine, or what all nodes share, was {:.1f} % {} (+-{:.1f} %); that is taken off "
      "each node's change\n",
      std::abs(difference.machine_percent), difference.machine_percent > 0.0 ? "slower" : "faster",
      difference.machine_percent_error);
}

}  // namespace

std::string table(const Difference& difference) {
  std::string text;
  for (const std::string& circumstance : difference.circumstances)
    text += fmt::format("another one in the second run: {}\n", circumstance);
  std::size_t width = 4;
  for (const NodeDifference& node : difference.nodes) width = std::max(width, node.name.size());
  text += fmt::format("{:<{}}  {:<5}  {:<4} {:>12} {:>12} {:>8} {:>7} {:>9}\n", "node", width,
                      "unit", "of", "us, before", "us, after", "change", "error", "told from");
  for (const NodeDifference& node : difference.nodes) text += line(node, width);
  text +=
      fmt::format("images/s: {:.1f}, then {:.1f}\n", difference.before_rate, difference.after_rate);
  return text + machine_line(difference) + fmt::format("{}\n", difference.text);
}

}  // namespace sluice::graph
