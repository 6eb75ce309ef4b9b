// What limits a run, in one line.
#pragma once

#include "runtime/account.h"

namespace sluice::graph {

// Of one pipeline's account. The first that holds:
//   too short: less than a second, or nothing came out
//   the step, where it computes elsewhere and is busy for nine tenths of the time
//   the cores, where nodes and scheduler keep nine tenths of them computing
//   a serial node that is busy for nine tenths of the time
//   the disk, where threads stand in `read` without computing for half of the time
//   other processes, where threads stand in nodes for nine tenths of the time and do not compute
//   memory, where the next image waits for bytes in front of `decode` for half of the time
// (A sampler that waits for a slot says nothing: it is always ahead, whatever limits.)
//   else the fullest lane, with the words that nothing stands out
// Where the step runs on a device, the text ends with who waited for whom (device.h).
// Headroom: how much faster the run could be, in percent, before the next of these limits it.
Verdict verdict(const AccountRecord& account);

}  // namespace sluice::graph
