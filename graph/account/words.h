// A finding in words.
#pragma once

#include <string>

#include "graph/account/costs.h"
#include "graph/account/finding.h"
#include "graph/account/shares.h"
#include "runtime/account.h"

namespace sluice::graph {

// One line without its end: "the cores limit: 2 threads compute for 97 % of the time; decode takes
// 61 % of the nodes' CPU".
std::string words_of(const Finding& finding, const AccountRecord& account, const ImageCosts& costs);

}  // namespace sluice::graph
