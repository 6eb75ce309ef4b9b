// LeNet-5 as data: the original, Caffe's and today's (LeCun, Bottou, Bengio, Haffner 1998).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/net/net.h"

namespace sluice::nodes {

struct LeNetOptions {
  std::string variant = "modern";  // "1998", "caffe", "modern"
  int classes = 10;                // of "1998": at most the ten that have a bitmap
  double width = 1.0;  // part of the maps and units of hidden layers; "1998" takes 1 only
  std::optional<double> garbage{};  // of "1998": the j of its criterion (MapLoss)
};

std::vector<std::string> lenet_variants();

// Throws Error{usage} for an unknown variant, listing the valid ones, and for classes or a width
// that the variant cannot have.
Net lenet(const LeNetOptions& options);

// Table I of the paper: which of S2's six maps each of C3's sixteen sees.
std::vector<std::vector<int>> lenet_c3_table();

// The ten digits as 7 x 12 bitmaps, row by row from the top, +1 for ink and -1 for paper.
std::vector<std::vector<std::int8_t>> lenet_codes();

}  // namespace sluice::nodes
