// Two runs cut into stretches of the same items, so that what images cost cancels out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::graph {

struct MeasuredRun {
  AccountRecord account;
  Timeline timeline;  // empty moments: none was kept
};

enum class Cost { cpu, busy };

// One node over the windows. Runs of one seed pass the same images in the same window.
struct PairedNode {
  std::size_t before = 0;  // rows of the accounts
  std::size_t after = 0;
  double before_seconds = 0.0;  // an item, over all windows
  double after_seconds = 0.0;
  std::vector<double> log_ratios;  // after / before, one a window; empty: too few items to tell
};

// How many windows two runs allow, as many for all nodes; 0: too few moments.
std::size_t window_count(const MeasuredRun& before, const MeasuredRun& after);

// Nodes that both timelines know and that cost something, in the order of `before`. The first
// window, in which caches are filled and threads begin, is left out.
std::vector<PairedNode> paired_windows(const MeasuredRun& before, const MeasuredRun& after,
                                       Cost cost);

}  // namespace sluice::graph
