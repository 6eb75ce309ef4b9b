// Where the time of threads, device and serial nodes went.
#pragma once

#include <string>

#include "graph/account/costs.h"
#include "runtime/account.h"

namespace sluice::graph {

// Parts of all thread time (threads x the time that passed); together at most 1, the rest is idle.
struct Shares {
  double computing = 0.0;  // for nodes and scheduler
  double reading = 0.0;    // standing in `read`
  double standing = 0.0;   // standing in other image nodes
  double delayed = 0.0;    // ready, while other processes had the cores
  double crowded = 0.0;    // ready, while other threads of the run had them
  std::string stands_in;   // the node in which they stand longest, `read` aside

  double taken() const { return computing + reading + standing + delayed + crowded; }
};

Shares shares_of(const AccountRecord& account, const ImageCosts& costs);

// What is busy by itself, beside the threads. 0 to 1 of the time that passed.
struct Lanes {
  double device = 0.0;    // the step, where it does not compute on the cores
  double cpu_step = 0.0;  // the step, where it does
  std::string step_node;  // the longest of the step
  double serial = 0.0;    // the fullest serial node
  std::string serial_node;
};

Lanes lanes_of(const AccountRecord& account);

}  // namespace sluice::graph
