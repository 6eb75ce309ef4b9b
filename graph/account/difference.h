// What changed between two runs beyond noise, node by node.
#pragma once

#include <string>
#include <vector>

#include "graph/account/paired_windows.h"

namespace sluice::graph {

enum class Fate {
  same,         // nothing beyond noise
  slower,       // costs more an item, beyond what the whole machine was slower
  faster,       // less
  only_before,  // the other run has no such node
  only_after,
  unknown,  // too few items or moments to tell noise from change
};

struct NodeDifference {
  std::string name;
  std::string unit;  // "image" or "batch"
  Fate fate = Fate::unknown;
  Cost cost = Cost::cpu;        // what the figures are of
  double before_seconds = 0.0;  // an item
  double after_seconds = 0.0;
  double percent = 0.0;          // change, the machine's part taken off
  double percent_error = 0.0;    // half of its 95 % interval
  double percent_to_tell = 0.0;  // a change from which on it is told; 0 where unknown
};

struct Difference {
  // What is another one in the second run beside the nodes ("threads: 2, then 4"); said first.
  std::vector<std::string> circumstances;
  double before_rate = 0.0;  // images a second through the first node
  double after_rate = 0.0;
  // How much slower the whole machine was, all nodes together; 0 within its noise.
  double machine_percent = 0.0;
  double machine_percent_error = 0.0;
  std::vector<NodeDifference> nodes;  // in pipeline order
  std::string text;                   // one line: "no change", or what changed

  bool changed() const;  // a node's fate is neither `same` nor `unknown`
};

// A node is told when its CPU time an item, or else its busy time, changed by at least 2 % and by
// more than noise explains: the spread over windows of the same items (paired_windows.h), what all
// nodes do together (common_factor.h), and what two processes always differ by. One false alarm in
// a hundred comparisons of equal runs is what the limit is made for.
Difference difference(const MeasuredRun& before, const MeasuredRun& after);

// For people: circumstances, one line a node, the machine, the verdict. Ends with a newline.
std::string table(const Difference& difference);

}  // namespace sluice::graph
