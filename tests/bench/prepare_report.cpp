#include "tests/bench/prepare_report.h"

#include <fmt/core.h>

#include "tests/bench/spread.h"

namespace sluice::bench {
std::string rate_line(const Way& way) {
  return fmt::format("{:<20} {} images/s, CPU {} us/image", way.name, spread(way.rates).text(1),
                     spread(way.cpu_us).text(1));
}

std::string node_line(const NodeTime& node) {
  return fmt::format("  {:<18} {} us/image", node.name, spread(node.us_per_image).text(1));
}

std::string ratio_line(const Way& of, const Way& to) {
  return fmt::format("  {:<40} {}, by CPU {}", of.name + " / " + to.name,
                     spread_of_ratios(of.rates, to.rates).text(3),
                     spread_of_ratios(to.cpu_us, of.cpu_us).text(3));
}

}  // namespace sluice::bench
