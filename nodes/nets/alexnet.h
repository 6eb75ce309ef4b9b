// AlexNet's variants as data (Krizhevsky, Sutskever, Hinton 2012).
#pragma once

#include <string>
#include <vector>

#include "runtime/net/net.h"

namespace sluice::nodes {

struct AlexNetOptions {
  std::string variant = "paper";
  int classes = 1000;
  double width = 1.0;  // part of the channels and units of every hidden layer
  double drop = 0.5;   // of the units of fc6 and fc7; 0 leaves the layers out
  Dropout::Scaling scaling = Dropout::Scaling::vanilla;
};

std::vector<std::string> alexnet_variants();

// Throws Error{usage} for an unknown variant, listing the valid ones.
Net alexnet(const AlexNetOptions& options);

}  // namespace sluice::nodes
