// Fully connected layers as inner products; a ReLU behind one runs inside it.
#pragma once

#include "runtime/backend/onednn/weighted_layer.h"

namespace sluice::onednn {

// On a plane, the inputs are flattened in memory order (height, width, channels): two axes give all
// three passes one layout of the weights, four would fall to plain GEMM and three layouts.
WeightedLayer fully_connected_layer(const FullyConnected& spec, const CompileContext& context);

}  // namespace sluice::onednn
