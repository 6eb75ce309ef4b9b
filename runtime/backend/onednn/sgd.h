// The update of SgdRule (backend.h): one flat pass over weights, velocity and gradient, in whatever
// layout they share.
#pragma once

#include "runtime/backend/backend.h"

namespace sluice::onednn {

struct SgdStep {
  SgdRule rule;
  double rate = 0.0;
  double rows = 1.0;  // behind the gradient sums; positive
};

void sgd_update(const SgdStep& step, Parameter& parameter);

}  // namespace sluice::onednn
