// The update of a rule (backend.h): one flat pass over values, velocity and gradient, in whatever
// layout they share.
#pragma once

#include "runtime/backend/update_factors.h"

namespace sluice::onednn {

void update_parameter(const UpdateRule& rule, const UpdateFactors& factors, Parameter& parameter);

}  // namespace sluice::onednn
