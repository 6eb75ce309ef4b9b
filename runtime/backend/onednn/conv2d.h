// Convolution with groups and unequal padding; a ReLU behind it runs inside it.
#pragma once

#include "runtime/backend/onednn/weighted_layer.h"

namespace sluice::onednn {

WeightedLayer conv2d_layer(const Conv2d& spec, const CompileContext& context);

}  // namespace sluice::onednn
