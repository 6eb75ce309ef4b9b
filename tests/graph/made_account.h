// Accounts of runs that never were, for tests of what is concluded from accounts.
#pragma once

#include "runtime/account.h"
#include "runtime/timeline.h"

namespace sluice::test {

// Ten seconds on two threads and two cores with 1000 images in batches of 100, and nothing in them:
// sampler, read, decode, flip, forward, backward, report.
AccountRecord idle_account();

NodeRecord& node(AccountRecord& account, const char* name);

// A node's time; the same CPU unless given.
struct Work {
  double busy = 0.0;
  double cpu = -1.0;  // negative: as much as busy
};
void work(AccountRecord& account, const char* name, Work seconds);

// The step is a device's.
void put_step_on(AccountRecord& account, const char* place);

// A timeline of that account whose ten windows had these rates.
Timeline timeline_of(const AccountRecord& account, const std::vector<double>& rates);

}  // namespace sluice::test
