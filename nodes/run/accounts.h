// Accounts of several pipelines of one run as one.
#pragma once

#include <string_view>

#include "runtime/account.h"
#include "runtime/backend/backend.h"

namespace sluice::nodes {

// Appends `part`'s nodes, their names behind `prefix`, and adds its seconds.
void add_account(AccountRecord& whole, const AccountRecord& part, std::string_view prefix);

// Appends what the device of `program`, where it has one, did so far.
void add_device(AccountRecord& account, const Program& program);

}  // namespace sluice::nodes
