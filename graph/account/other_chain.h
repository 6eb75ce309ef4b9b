// How fast a run would be with another chain of image nodes.
#pragma once

#include "runtime/account.h"

namespace sluice::graph {

// Accounts of runs on one machine, with as many threads each.
struct ChainRuns {
  const AccountRecord& whole;  // a whole run, to the update
  const Rate& rate;            // at which it went
  const AccountRecord& own;    // its chain alone, to the batch
  const AccountRecord& other;  // the other chain alone
};

// The whole run's rate with the other chain: its image nodes are changed for those of the other
// chain, which cost as much more or less as they did when the chains ran alone.
Rate rate_with_chain(const ChainRuns& runs);

}  // namespace sluice::graph
