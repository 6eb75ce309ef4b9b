// What could be done about a limit, with the rate that each would give.
#pragma once

#include <vector>

#include "graph/account/facts.h"
#include "graph/account/finding.h"
#include "graph/account/model.h"
#include "runtime/account.h"

namespace sluice::graph {

// At most three that gain at least 3 %: those that lift the limit itself first, then what an option
// does, then what needs other machines; the greatest gain first among equals.
std::vector<Remedy> remedies(const Model& model, const Finding& finding, const Rate& measured,
                             const AccountRecord& account, const RunFacts& facts);

}  // namespace sluice::graph
