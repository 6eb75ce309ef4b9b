// What each layer of the net cost in a step, as a text table for people.
#pragma once

#include <string>

#include "runtime/account.h"

namespace sluice::graph {

// One line a layer, in milliseconds a step, and the sum of them with what part of the step's nodes
// (forward, backward, update) it is. Empty where no layer was timed. Ends with a newline.
std::string layer_table(const AccountRecord& account);

}  // namespace sluice::graph
