// A layer of a compiled net: one of the twins of layer_spec.h or a fused pair of them, with what
// the program knows of it.
#pragma once

#include <string>
#include <variant>

#include "runtime/backend/onednn/dropout.h"
#include "runtime/backend/onednn/hinge_loss.h"
#include "runtime/backend/onednn/lrn.h"
#include "runtime/backend/onednn/lrn_pool.h"
#include "runtime/backend/onednn/map_loss.h"
#include "runtime/backend/onednn/max_pool.h"
#include "runtime/backend/onednn/rbf.h"
#include "runtime/backend/onednn/relu.h"
#include "runtime/backend/onednn/same_map_lrn.h"
#include "runtime/backend/onednn/softmax_loss.h"
#include "runtime/backend/onednn/subsample.h"
#include "runtime/backend/onednn/tanh.h"
#include "runtime/backend/onednn/weighted_layer.h"
#include "runtime/backend/onednn/windows.h"

namespace sluice::onednn {

using CompiledLayer =
    std::variant<WeightedLayer, ReluLayer, TanhLayer, LrnLayer, SameMapLrnLayer, MaxPoolLayer,
                 LrnPoolLayer, SubsampleLayer, DropoutLayer, WindowsLayer, WindowMeanLayer,
                 RbfLayer, SoftmaxLossLayer, HingeLossLayer, MapLossLayer>;

// A missing twin does not compile.
CompiledLayer compile_layer(const LayerSpec& spec, const CompileContext& context);

std::size_t scratch_bytes(const CompiledLayer& layer);
std::size_t private_bytes(const CompiledLayer& layer);
void describe(const CompiledLayer& layer, std::vector<Implementation>& into);

}  // namespace sluice::onednn
