// Does the account close? (law 6)
#pragma once

#include <string>

#include "runtime/account.h"

namespace sluice::graph {

// in = out + failed + held.
bool closes(const NodeRecord& node);
bool closes(const AccountRecord& account);

// What to say of a gap above 2 % of the kernel's count, to be put behind a sentence: "; 3.1 % of
// the process's CPU has no name". Empty below, and of an account of less than 0.2 s of CPU.
std::string gap_words(const AccountRecord& account);

}  // namespace sluice::graph
