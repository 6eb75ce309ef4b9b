// What parameters are called outside of our own files. Pure.
#pragma once

#include <string>

#include "runtime/net/net.h"

namespace sluice::nodes {

enum class WeightNames {
  torchvision,  // places in a Sequential: "features.0.weight", which our own files have too
  layers        // what `describe` calls them, and Caffe: "conv1_1.weight", "fc8.bias"
};

std::string weight_name(const Net& net, const ParameterInfo& parameter, WeightNames names);

// Throws Error{usage} unless torchvision has a net of the same layers, whatever their width and
// number of classes: alexnet owt, vgg A, B, D and E with inverted dropout or none.
void check_in_torchvision(const Net& net);

}  // namespace sluice::nodes
