// Convolutions by their definition, over (rows, height, width, channels) and (out, y, x, in /
// groups): sums in double, rounded once.
#pragma once

#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn::host {

void run(const ConvolutionForward& what, const Memory& memory);
void run(const ConvolutionBackwardData& what, const Memory& memory);
void run(const ConvolutionBackwardWeights& what, const Memory& memory);

}  // namespace sluice::cudnn::host
