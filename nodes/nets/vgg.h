// VGG's configurations as data (Simonyan and Zisserman 2014).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nodes/nets/cells.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// What is not given is the variant's.
struct VggOptions {
  std::string variant = "A";  // "A", "A-LRN", "B", "C", "D", "E", "B-5x5", "D-7x7"
  int classes = 1000;
  double width = 1.0;  // part of the channels and units of every hidden layer

  std::optional<int> side{};
  LrnCells lrn{};  // behind the first convolution's activation
  std::optional<Activation> activation{};
  std::optional<double> drop{};  // of the units of fc6 and fc7; 0 leaves the layers out
  std::optional<Dropout::Scaling> scaling{};
  StartCells start{};
};

std::vector<std::string> vgg_variants();

// Throws Error{usage} for an unknown variant, listing the valid ones, and for fewer than two
// classes.
Net vgg(const VggOptions& options);

}  // namespace sluice::nodes
