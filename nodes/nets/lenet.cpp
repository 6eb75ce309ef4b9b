#include "nodes/nets/lenet.h"

#include <cmath>
#include <utility>

#include "nodes/nets/cells.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// Parameters go by the layers' own names in files: no library has a Sequential of these nets.
void add(std::vector<Layer>& layers, const std::string& name, LayerSpec spec,
         const Upbringing& upbringing) {
  layers.push_back({.name = name,
                    .spec = std::move(spec),
                    .start = upbringing.start,
                    .file_name = name,
                    .learning = upbringing.learning});
}

void add(std::vector<Layer>& layers, std::string name, LayerSpec spec) {
  layers.push_back({.name = std::move(name), .spec = std::move(spec)});
}

Conv2d convolution(int maps) { return {.out_channels = maps, .kernel = 5}; }

// 1998: U(+-2.4 / fan-in), biases drawn too.
constexpr Upbringing kOriginal = {.start = {.weights = Start::Weights::fan_in_uniform,
                                            .limit = 2.4,
                                            .biases = Start::Biases::like_weights},
                                  .learning = {}};

Net original(const LeNetOptions& options) {
  require(options.width == 1.0,
          "net.width = {}: lenet5 1998 has maps and codes of fixed number; valid: 1",
          options.width);
  auto codes = lenet_codes();
  require(options.classes <= static_cast<int>(codes.size()),
          "lenet5 1998 has {} bitmaps, it cannot tell {} classes apart; valid: 2 to {}",
          codes.size(), options.classes, codes.size());
  codes.resize(static_cast<std::size_t>(options.classes));
  const Tanh squash{.amplitude = 1.7159, .slope = 2.0 / 3.0};
  Net net{.name = "lenet5", .variant = "1998", .channels = 1, .side = 32};
  add(net.layers, "c1", convolution(6), kOriginal);
  add(net.layers, "tanh1", squash);
  add(net.layers, "s2", Subsample{.side = 2}, kOriginal);
  add(net.layers, "tanh2", squash);
  add(net.layers, "c3", PartialConv2d{.kernel = 5, .sees = lenet_c3_table()}, kOriginal);
  add(net.layers, "tanh3", squash);
  add(net.layers, "s4", Subsample{.side = 2}, kOriginal);
  add(net.layers, "tanh4", squash);
  add(net.layers, "c5", convolution(120), kOriginal);
  add(net.layers, "tanh5", squash);
  add(net.layers, "f6", FullyConnected{84}, kOriginal);
  add(net.layers, "tanh6", squash);
  add(net.layers, "rbf", Rbf{.codes = std::move(codes)});
  MapLoss loss;
  if (options.garbage) loss.garbage = *options.garbage;
  add(net.layers, "map", loss);
  return net;
}

// Caffe's "xavier" counts the inputs alone; its example decays biases like weights, as it sets no
// factor for them.
Net caffe(const LeNetOptions& options) {
  const Upbringing xavier{
      .start = {.weights = Start::Weights::root_uniform, .limit = std::sqrt(3.0)},
      .learning = {.bias_rate = 2.0, .bias_decay = 1.0}};
  const auto part = [&](int published) { return part_of(published, options.width); };
  Net net{.name = "lenet5", .variant = "caffe", .channels = 1, .side = 28};
  add(net.layers, "conv1", convolution(part(20)), xavier);
  add(net.layers, "pool1", MaxPool{.kernel = 2, .stride = 2});
  add(net.layers, "conv2", convolution(part(50)), xavier);
  add(net.layers, "pool2", MaxPool{.kernel = 2, .stride = 2});
  add(net.layers, "ip1", FullyConnected{part(500)}, xavier);
  add(net.layers, "relu1", Relu{});
  add(net.layers, "ip2", FullyConnected{options.classes}, xavier);
  add(net.layers, "softmax", SoftmaxLoss{});
  return net;
}

Net modern(const LeNetOptions& options) {
  const Upbringing glorot{.start = {.weights = Start::Weights::glorot_uniform}, .learning = {}};
  const auto part = [&](int published) { return part_of(published, options.width); };
  Net net{.name = "lenet5", .variant = "modern", .channels = 1, .side = 32};
  add(net.layers, "c1", convolution(part(6)), glorot);
  add(net.layers, "relu1", Relu{});
  add(net.layers, "s2", MaxPool{.kernel = 2, .stride = 2});
  add(net.layers, "c3", convolution(part(16)), glorot);
  add(net.layers, "relu3", Relu{});
  add(net.layers, "s4", MaxPool{.kernel = 2, .stride = 2});
  add(net.layers, "c5", FullyConnected{part(120)}, glorot);
  add(net.layers, "relu5", Relu{});
  add(net.layers, "f6", FullyConnected{part(84)}, glorot);
  add(net.layers, "relu6", Relu{});
  add(net.layers, "output", FullyConnected{options.classes}, glorot);
  add(net.layers, "softmax", SoftmaxLoss{});
  return net;
}

}  // namespace

std::vector<std::string> lenet_variants() { return {"1998", "caffe", "modern"}; }

Net lenet(const LeNetOptions& options) {
  check_variant("lenet5", options.variant, lenet_variants());
  check_classes(options.classes);
  require(!options.garbage || options.variant == "1998",
          "net.garbage = {}: lenet5 {} ends without a garbage class; valid: variant",
          options.garbage.value_or(0.0), options.variant);
  if (options.variant == "1998") return original(options);
  if (options.variant == "caffe") return caffe(options);
  return modern(options);
}

}  // namespace sluice::nodes
