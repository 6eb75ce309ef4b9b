// Accounts of several pipelines of one run as one.
#pragma once

#include <string_view>

#include "runtime/account.h"

namespace sluice::nodes {

// Appends `part`'s nodes, their names behind `prefix`, and adds its seconds.
void add_account(AccountRecord& whole, const AccountRecord& part, std::string_view prefix);

}  // namespace sluice::nodes
