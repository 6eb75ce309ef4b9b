// Matrix products by their definition: sums in double, rounded once.
#pragma once

#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::host {

void run(const ProductForward& what, const Memory& memory);
void run(const ProductBackwardData& what, const Memory& memory);
void run(const ProductBackwardWeights& what, const Memory& memory);

}  // namespace sluice::cudnn::host
