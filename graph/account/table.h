// The account as a text table for people.
#pragma once

#include <string>

#include "runtime/account.h"

namespace sluice::graph {

// One line a node, in pipeline order, and what the nodes do not explain below. Ends with a newline.
std::string table(const AccountRecord& account);

}  // namespace sluice::graph
