// Does the account close? (law 6)
#pragma once

#include "runtime/account.h"

namespace sluice::graph {

// in = out + failed + held.
bool closes(const NodeRecord& node);
bool closes(const AccountRecord& account);

}  // namespace sluice::graph
