// A convolution with a table of connections: all connections on oneDNN, with weights of 0 where the
// table has none. The state keeps those zeros, and their gradients are cleared.
#pragma once

#include "runtime/backend/onednn/weighted_layer.h"

namespace sluice::onednn {

WeightedLayer partial_conv2d_layer(const PartialConv2d& spec, const CompileContext& context);

}  // namespace sluice::onednn
