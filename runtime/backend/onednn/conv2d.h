// Convolution with groups and unequal padding; a ReLU behind it runs inside it. One whose window is
// the whole plane becomes a fully connected layer: as a convolution it is many times slower.
#pragma once

#include "runtime/backend/onednn/weighted_layer.h"

namespace sluice::onednn {

WeightedLayer conv2d_layer(const Conv2d& spec, const CompileContext& context);
// All of its connections, of which `blocks` (out x inputs + in) are there; the others stay 0.
WeightedLayer conv2d_layer(const Conv2d& spec, std::vector<std::int64_t> blocks,
                           const CompileContext& context);

}  // namespace sluice::onednn
