// Runs something once on every instruction set that this CPU has and the program was built for.
#pragma once

#include <hwy/highway.h>

#include <cstdint>

namespace sluice::test {

// `body(name)` runs with exactly one of Highway's targets allowed; afterwards all are again. Not
// while other threads run kernels.
template <class Body>
void on_every_target(Body body) {
  std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS;
  for (; left != 0; left &= left - 1) {
    const std::int64_t target = left & -left;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    body(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace sluice::test
