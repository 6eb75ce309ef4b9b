#include "nodes/nets/alexnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/error.h"

namespace sluice::nodes {
namespace {

// N(0, 0.01) weights everywhere; biases 1 where the paper wants ReLUs to start active (section 5).
Start start(double bias) {
  return {.weights = Start::Weights::normal, .deviation = 0.01, .bias = bias};
}

// The two GPUs of the paper are two towers: convolutions 2, 4 and 5 see only their own tower's maps
// (groups), and normalisation stays inside a tower.
constexpr int kTowers = 2;

Layer lrn(std::string name) {
  return {.name = std::move(name),
          .spec = Lrn{.size = 5, .alpha = 1e-4, .beta = 0.75, .k = 2.0, .towers = kTowers},
          .start = {},
          .file_name = {}};
}

Layer pool(std::string name) {
  return {.name = std::move(name),
          .spec = MaxPool{.kernel = 3, .stride = 2},
          .start = {},
          .file_name = {}};
}

Layer relu(std::string name) {
  return {.name = std::move(name), .spec = Relu{}, .start = {}, .file_name = {}};
}

// Published channels or units, or a part of them that both towers share evenly.
int part_of(int published, double width) {
  const int half = static_cast<int>(published * width / kTowers + 0.5);
  return std::max(half, 1) * kTowers;
}

void add_convolutions(std::vector<Layer>& layers, double width) {
  // 224 + 3 zeros at the right and bottom is what the authors' rounding up comes to: 55 outputs.
  layers.push_back({"conv1",
                    Conv2d{.out_channels = part_of(96, width),
                           .kernel = 11,
                           .stride = 4,
                           .pad = {0, 3},
                           .groups = 1},
                    start(0), "features.0"});
  layers.push_back(relu("relu1"));
  layers.push_back(lrn("norm1"));
  layers.push_back(pool("pool1"));
  layers.push_back({"conv2",
                    Conv2d{.out_channels = part_of(256, width),
                           .kernel = 5,
                           .stride = 1,
                           .pad = {2, 2},
                           .groups = kTowers},
                    start(1), "features.4"});
  layers.push_back(relu("relu2"));
  layers.push_back(lrn("norm2"));
  layers.push_back(pool("pool2"));
  layers.push_back({"conv3",
                    Conv2d{.out_channels = part_of(384, width),
                           .kernel = 3,
                           .stride = 1,
                           .pad = {1, 1},
                           .groups = 1},
                    start(0), "features.8"});
  layers.push_back(relu("relu3"));
  layers.push_back({"conv4",
                    Conv2d{.out_channels = part_of(384, width),
                           .kernel = 3,
                           .stride = 1,
                           .pad = {1, 1},
                           .groups = kTowers},
                    start(1), "features.10"});
  layers.push_back(relu("relu4"));
  layers.push_back({"conv5",
                    Conv2d{.out_channels = part_of(256, width),
                           .kernel = 3,
                           .stride = 1,
                           .pad = {1, 1},
                           .groups = kTowers},
                    start(1), "features.12"});
  layers.push_back(relu("relu5"));
  layers.push_back(pool("pool5"));
}

void add_hidden(std::vector<Layer>& layers, int number, const AlexNetOptions& options,
                std::string file_name) {
  layers.push_back({fmt::format("fc{}", number),
                    FullyConnected{.out_features = part_of(4096, options.width)}, start(1),
                    std::move(file_name)});
  layers.push_back(relu(fmt::format("relu{}", number)));
  if (options.drop > 0) {
    layers.push_back({.name = fmt::format("drop{}", number),
                      .spec = Dropout{.drop = options.drop, .scaling = options.scaling},
                      .start = {},
                      .file_name = {}});
  }
}

}  // namespace

std::vector<std::string> alexnet_variants() { return {"paper"}; }

Net alexnet(const AlexNetOptions& options) {
  const auto variants = alexnet_variants();
  require(std::find(variants.begin(), variants.end(), options.variant) != variants.end(),
          "alexnet has no variant '{}'; valid: {}", options.variant, fmt::join(variants, ", "));
  require(options.classes >= 2, "a net for {} class learns nothing; valid: 2 or more",
          options.classes);
  Net net{.name = "alexnet", .variant = options.variant, .channels = 3, .side = 224, .layers = {}};
  add_convolutions(net.layers, options.width);
  add_hidden(net.layers, 6, options, "classifier.0");
  add_hidden(net.layers, 7, options, "classifier.3");
  net.layers.push_back(
      {"fc8", FullyConnected{.out_features = options.classes}, start(0), "classifier.6"});
  net.layers.push_back({.name = "softmax", .spec = SoftmaxLoss{}, .start = {}, .file_name = {}});
  return net;
}

}  // namespace sluice::nodes
