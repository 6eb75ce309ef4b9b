// What slows all nodes together, told apart from what slows one: a robust one-factor model.
//
// The log ratio of node n in window w is taken as
//     y[n][w] = change[n] + share[n] (common + drift[w]) + noise
// where `drift` is what all nodes do together from window to window (another program comes and
// goes), and share[n], 1 for a node like the others, how much of it node n feels: nodes that stream
// through memory feel a neighbour that takes bandwidth several times more than a decoder does. The
// shares come from the windows, pulled towards 1 where the machine was too quiet to show them;
// `common` is the weighted median of level / share, so that nodes which changed do not move it.
#pragma once

#include <cstddef>
#include <vector>

namespace sluice::graph {

struct Series {
  std::vector<double> values;      // log ratios, as many for each
  double clock = 0.0;              // what reading clocks alone may do to the level, as a part of it
  double between_processes = 0.0;  // by how much two processes differ although nothing changed
};

struct Level {
  double change = 0.0;  // log ratio without the common part
  double error = 0.0;   // its standard error
  double share = 1.0;
};

struct CommonFactor {
  double common = 0.0;  // log ratio
  double error = 0.0;   // its standard error
  std::vector<Level> levels;
};

// Pure. All series have the same length, at least 4.
CommonFactor common_factor(const std::vector<Series>& series);

double median(std::vector<double> values);  // 0 of none

}  // namespace sluice::graph
