// AlexNet's variants as data (Krizhevsky, Sutskever, Hinton 2012, and what was made of it).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "nodes/nets/cells.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

// Every choice on which the paper, the authors' code and the ports differ. What is not given is the
// variant's.
struct AlexNetOptions {
  // `half`: one tower with half the maps in convolutions 1 to 4, the last one and the hidden layers
  // whole (the paper's comparison, footnote 3); `half_narrow`: the last convolution halved too.
  enum class Towers { two, one, half, half_narrow };
  // What follows a convolution up to its pooling.
  enum class Block {
    relu_lrn_pool,
    relu_lrn_same_map_pool,
    lrn_pool_relu,
    relu_pool_lrn,
    relu_pool
  };
  enum class LrnMaps { tower, all };  // which maps a window may take in
  // `apart`: windows of 2, so that nothing is seen twice; the planes keep their sides.
  enum class Pooling { overlapping, apart };
  enum class DropoutPlace { after, before };  // of the hidden fully connected layers

  std::string variant = "paper";
  int classes = 1000;
  double width = 1.0;  // part of the channels and units of every hidden layer

  std::optional<int> side{};
  std::optional<Padding> conv1_pad{};
  std::optional<std::array<int, 5>> maps{};  // of the convolutions, both towers together
  std::optional<int> conv6{};  // maps of a convolution behind the last pooling; 0: none
  std::optional<Towers> towers{};
  std::optional<Block> block1{};
  std::optional<Block> block2{};
  LrnCells lrn{};
  std::optional<LrnMaps> lrn_maps{};
  std::optional<Activation> activation{};
  std::optional<Pooling> pooling{};
  std::optional<double> drop{};  // of the units of fc6 and fc7; 0 leaves the layers out
  std::optional<Dropout::Scaling> scaling{};
  std::optional<DropoutPlace> dropout_place{};
  StartCells start{};  // its bias: of conv2, 4, 5, 6, fc6 and fc7; the others start at 0
  std::optional<double> deviation_conv345{};  // where it is not `start.deviation`
  std::optional<double> deviation_fc67{};
  std::optional<double> bias_rate{};  // factor of the rate
};

std::vector<std::string> alexnet_variants();

// `options` with every choice made. Throws Error{usage} for an unknown variant, listing the valid
// ones.
AlexNetOptions alexnet_with_defaults(AlexNetOptions options);

// Throws like alexnet_with_defaults, and for fewer than two classes.
Net alexnet(const AlexNetOptions& options);

}  // namespace sluice::nodes
