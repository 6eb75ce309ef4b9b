// What each variant of AlexNet says (sources: FACTS 1.1 to 1.6, table in 8).
#include "nodes/nets/alexnet.h"

namespace sluice::nodes {
namespace {

using Towers = AlexNetOptions::Towers;
using Block = AlexNetOptions::Block;
using LrnMaps = AlexNetOptions::LrnMaps;

// The paper; where it is silent, the authors' code.
AlexNetOptions paper() {
  return {.variant = "paper",
          .side = 224,
          .conv1_pad = Padding{0, 3},  // the authors' rounding up: 55 outputs
          .maps = std::array{96, 256, 384, 384, 256},
          .conv6 = 0,
          .towers = Towers::two,
          .block1 = Block::relu_lrn_pool,
          .block2 = Block::relu_lrn_pool,
          .lrn = {.use = Switch::on,
                  .size = 5,
                  .alpha = 1e-4,
                  .beta = 0.75,
                  .k = 2.0,
                  .reading = Lrn::Alpha::window},
          .lrn_maps = LrnMaps::tower,
          .activation = Activation::relu,
          .pooling = AlexNetOptions::Pooling::overlapping,
          .drop = 0.5,
          .scaling = Dropout::Scaling::vanilla,
          .dropout_place = AlexNetOptions::DropoutPlace::after,
          .start = {.weights = Start::Weights::normal,
                    .deviation = 0.01,
                    .biases = Start::Biases::constant,
                    .bias = 1.0},
          .bias_rate = 1.0};
}

// The run behind the paper's 40.7 % (its layers-145.cfg).
AlexNetOptions run145() {
  AlexNetOptions run = paper();
  run.block1 = Block::lrn_pool_relu;
  run.block2 = Block::relu_lrn_same_map_pool;
  run.deviation_conv345 = 0.03;
  run.bias_rate = 2.0;
  return run;
}

// bvlc_alexnet: groups in place of towers, and windows of normalisation that look across them.
AlexNetOptions caffe() {
  AlexNetOptions port = paper();
  port.side = 227;
  port.conv1_pad = Padding{};
  port.lrn.k = 1.0;
  port.lrn_maps = LrnMaps::all;
  port.scaling = Dropout::Scaling::inverted;
  port.start.bias = 0.1;
  port.deviation_fc67 = 0.005;
  port.bias_rate = 2.0;
  return port;
}

AlexNetOptions caffenet() {
  AlexNetOptions port = caffe();
  port.block1 = port.block2 = Block::relu_pool_lrn;
  port.start.bias = 1.0;
  return port;
}

AlexNetOptions cs231n() {
  AlexNetOptions lecture = paper();
  lecture.side = 227;
  lecture.conv1_pad = Padding{};
  lecture.towers = Towers::one;
  lecture.block1 = lecture.block2 = Block::relu_pool_lrn;
  lecture.scaling = Dropout::Scaling::inverted;
  lecture.start.bias = 0.0;
  return lecture;
}

// "One weird trick" as torchvision has it.
AlexNetOptions owt() {
  AlexNetOptions single = paper();
  single.conv1_pad = Padding{2, 2};
  single.maps = std::array{64, 192, 384, 256, 256};
  single.towers = Towers::one;
  single.block1 = single.block2 = Block::relu_pool;
  single.scaling = Dropout::Scaling::inverted;
  single.dropout_place = AlexNetOptions::DropoutPlace::before;
  single.start = {.weights = Start::Weights::root_uniform,
                  .deviation = 0.01,
                  .biases = Start::Biases::like_weights,
                  .bias = 0.0};
  return single;
}

// The paper's "1 CNN*": its width is not given, these are ours.
AlexNetOptions six_convolutions() {
  AlexNetOptions deeper = paper();
  deeper.conv6 = 256;
  return deeper;
}

AlexNetOptions defaults_of(const std::string& variant) {
  check_variant("alexnet", variant, alexnet_variants());
  if (variant == "run145") return run145();
  if (variant == "caffe") return caffe();
  if (variant == "caffenet") return caffenet();
  if (variant == "cs231n") return cs231n();
  if (variant == "owt") return owt();
  if (variant == "paper-6conv") return six_convolutions();
  return paper();
}

}  // namespace

std::vector<std::string> alexnet_variants() {
  return {"paper", "run145", "caffe", "caffenet", "cs231n", "owt", "paper-6conv"};
}

AlexNetOptions alexnet_with_defaults(AlexNetOptions options) {
  const AlexNetOptions variant = defaults_of(options.variant);
  fall_back(options.side, variant.side);
  fall_back(options.conv1_pad, variant.conv1_pad);
  fall_back(options.maps, variant.maps);
  fall_back(options.conv6, variant.conv6);
  fall_back(options.towers, variant.towers);
  fall_back(options.block1, variant.block1);
  fall_back(options.block2, variant.block2);
  fall_back(options.lrn, variant.lrn);
  fall_back(options.lrn_maps, variant.lrn_maps);
  fall_back(options.activation, variant.activation);
  fall_back(options.pooling, variant.pooling);
  fall_back(options.drop, variant.drop);
  fall_back(options.scaling, variant.scaling);
  fall_back(options.dropout_place, variant.dropout_place);
  fall_back(options.start, variant.start);
  fall_back(options.deviation_conv345, variant.deviation_conv345);
  fall_back(options.deviation_fc67, variant.deviation_fc67);
  fall_back(options.bias_rate, variant.bias_rate);
  return options;
}

}  // namespace sluice::nodes
