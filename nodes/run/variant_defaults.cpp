#include "nodes/run/variant_defaults.h"

#include "nodes/augment_chain.h"
#include "nodes/nets/cells.h"
#include "nodes/run/net_options.h"

namespace sluice::nodes {
namespace {

using Defaults = std::vector<KeyDefault>;

// The run behind the paper's figures, by its log and its code (FACTS 1.2).
Defaults run145() {
  return {{"train.epochs", "91"},
          {"train.bias_rate", "2"},
          {"train.schedule", "logged"},
          {"train.rate_log", "25:0.001,51:0.0001,67:conv1=0.00001,72:conv1=0,79:0.00001"},
          {"augment.random-crop.group", "32"},
          {"augment.flip.group", "32"},
          {"augment.pca-colour.until", "67"},
          {"augment.scale.divisor", "1.1"},
          {"augment.scale.when", "training"}};
}

Defaults caffe_alexnet() {
  return {{"train.batch", "256"},
          {"train.bias_rate", "2"},
          {"train.schedule", "every"},
          {"train.every", "100000"},
          {"augment.random-crop.side", "227"},
          {"augment.pca-colour.sigma", "0"}};
}

Defaults cs231n() {
  return {{"augment.centre-crop.use", "false"},
          {"augment.mean.from", "rgb"},
          {"augment.random-crop.side", "227"}};
}

Defaults owt() {
  return {{"train.batch", "256"},       {"train.form", "pytorch"},
          {"train.schedule", "steps"},  {"train.schedule_epochs", "30,60"},
          {"augment.mean.from", "rgb"}, {"augment.scale.by", "deviation"}};
}

Defaults alexnet_defaults(std::string_view variant) {
  if (variant == "run145") return run145();
  if (variant == "caffe" || variant == "caffenet") return caffe_alexnet();
  if (variant == "cs231n") return cs231n();
  if (variant == "owt") return owt();
  return {};
}

Defaults vgg_defaults() {
  return {{"train.batch", "256"},
          {"train.epochs", "74"},
          {"augment.centre-crop.use", "false"},
          {"augment.mean.from", "rgb"}};
}

// Twenty passes, a step an image. From the paper's own start, U(+-2.4 / fan-in), second derivatives
// measured before the first pass are a thousandth of those a few steps later, and the run diverges
// (nodes/nets/README.md); hence Glorot's.
Defaults lenet_1998() {
  return {
      {"net.classes", "10"},         {"train.init", "glorot"},
      {"train.rule", "diagonal-lm"}, {"train.batch", "1"},
      {"train.epochs", "20"},        {"train.schedule", "logged"},
      {"train.rate", "0.0005"},      {"train.rate_log", "2:0.0002,5:0.0001,8:0.00005,12:0.00001"},
      {"train.momentum", "0"},       {"train.decay", "0"}};
}

// 10,000 iterations of 64 are eleven epochs of 60,000 images, the last one cut. Biases decay like
// weights: Caffe's example sets no factor for them.
Defaults lenet_caffe() {
  return {{"net.classes", "10"},    {"train.batch", "64"},         {"train.epochs", "11"},
          {"train.steps", "10000"}, {"train.schedule", "inverse"}, {"train.gamma", "0.0001"},
          {"train.power", "0.75"},  {"train.bias_rate", "2"},      {"train.bias_decay", "1"}};
}

Defaults lenet_modern() {
  return {{"net.classes", "10"},       {"train.batch", "64"},          {"train.epochs", "12"},
          {"train.schedule", "steps"}, {"train.schedule_epochs", "8"}, {"train.decay", "0"}};
}

}  // namespace

std::vector<KeyDefault> variant_defaults(std::string_view net, std::string_view variant) {
  check_variant(net, variant, net_variants(net));
  if (net == "alexnet") return alexnet_defaults(variant);
  if (net == "vgg") return vgg_defaults();
  if (variant == "1998") return lenet_1998();
  return variant == "caffe" ? lenet_caffe() : lenet_modern();
}

std::vector<io::ChainEntry> variant_chain(std::string_view net, std::string_view variant) {
  return net == "lenet5" ? lenet_chain(variant) : paper_chain();
}

}  // namespace sluice::nodes
