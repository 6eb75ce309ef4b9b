// Which tensor of somebody else's file is which parameter of a net. Pure but for what `read` does.
#pragma once

#include <cstddef>
#include <vector>

#include "io/foreign_weights.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// Index of the tensor of each of `parameters(net)`: by the names of weight_names.h, those of which
// the file has more. Shapes are the net's, but for axes of 1 in front, as Caffe's older files have
// them. Throws Error{usage} naming file and tensor: one that is missing, of another shape, or that
// the net does not have.
std::vector<std::size_t> match_weights(const io::ForeignWeights& weights, const Net& net);

// Classes that the file's last layer tells apart; `net`: of any number of classes. Throws like
// match_weights where that layer is missing.
int classes_in(const io::ForeignWeights& weights, const Net& net);

// A parameter's canonical values. Of the first layer's weights on three colours, BGR becomes RGB.
std::vector<float> read_parameter(const io::ForeignWeights& weights, std::size_t tensor,
                                  const Net& net, const ParameterInfo& parameter);

}  // namespace sluice::nodes
