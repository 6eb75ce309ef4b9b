// How much of what it may use a node, a lane or the whole run takes: 0 idle, 1 all of it.
#pragma once

#include "runtime/account.h"

namespace sluice::graph {

// Busy time of one node over the time its pipeline ran, divided by the threads for image nodes.
double load(const NodeRecord& node, int threads);

// Of all nodes that share a lane: image nodes the threads, forward to update the step token.
double lane_load(const AccountRecord& account, Lane lane);

// CPU of nodes and scheduler over cores x wall: what computes, spinning not counted.
double core_load(const AccountRecord& account);

}  // namespace sluice::graph
