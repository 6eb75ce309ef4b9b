// The account as a text table for people.
#pragma once

#include <string>

#include "runtime/account.h"

namespace sluice::graph {

// One line a node, in pipeline order; below, what devices did, the sum that must close, the
// kernel's counts and the verdict. Ends with a newline.
std::string table(const AccountRecord& account);

}  // namespace sluice::graph
