// Which resource limits a run: rules on where the time went.
#pragma once

#include <string>

#include "graph/account/costs.h"
#include "graph/account/shares.h"
#include "runtime/account.h"

namespace sluice::graph {

struct Finding {
  std::string resource;  // as Verdict::resource
  std::string node;
};

// The first that holds (`full`: nine tenths; README.md says why in this order):
//   balanced         a device or serial node and the threads are full within 7 %
//   step, SERIAL     the device, or a serial node, is full
// where threads are taken for most of the time:
//   slow images      a few images took a third of thread time in a node
//   disk, other processes, threads   threads stand in `read`, are ready without a core, or stand in
//                    another node, for more than a seventh of their time
//   threads, cores   they compute: while cores are free, or on all of them
// where they are idle:
//   step             the step on the CPU is full: its serial parts
//   memory           the next image waits for bytes for a third of the time
//   slow images, slots   all slots are taken: by batches that wait for few images, or else
//   balanced
Finding find_limit(const AccountRecord& account, const ImageCosts& costs);

}  // namespace sluice::graph
