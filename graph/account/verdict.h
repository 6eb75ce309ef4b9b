// What limits a run, how fast it is, what would limit it next and what could be done.
#pragma once

#include "graph/account/facts.h"
#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::graph {

// Of one pipeline's account. Too short to say: less than a second, nothing came out, fewer images
// than fill all slots, or a rate that may be off by a quarter. The rules for the limit stand in
// finding.h; a device or serial node that leads by less than the rate may be off is balanced.
// Headroom: how much faster the run could be, in percent, before the next limit holds it; where
// only nodes on the cores are known: until the limiting node costs no more than the next one. Where
// the step runs on a device, the text ends with who waited for whom (device.h).
// Without a timeline rates have no error of their own.
Verdict verdict(const AccountRecord& account, const Timeline& timeline = {},
                const RunFacts& facts = {});

}  // namespace sluice::graph
