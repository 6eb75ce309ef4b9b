#include "nodes/nets/alexnet.h"

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "nodes/run/setup.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

const Layer& layer(const Net& net, const std::string& name) {
  for (const Layer& candidate : net.layers) {
    if (candidate.name == name) return candidate;
  }
  FAIL("no layer " << name);
  return net.layers.front();
}

TEST_CASE("AlexNet has the published number of parameters", "[nodes][alexnet]") {
  CHECK(parameter_count(alexnet({})) == 60'965'224);
  CHECK(parameter_count(alexnet({.classes = 20})) == 60'965'224 - 980 * 4097);
}

TEST_CASE("AlexNet starts as the paper says", "[nodes][alexnet]") {
  const Net net = alexnet({});
  for (const char* name : {"conv2", "conv4", "conv5", "fc6", "fc7"})
    CHECK(layer(net, name).start.bias == 1.0);
  for (const char* name : {"conv1", "conv3", "fc8"}) CHECK(layer(net, name).start.bias == 0.0);
  for (const Layer& each : net.layers) CHECK(each.start.deviation == 0.01);
}

TEST_CASE("AlexNet's towers and normalisation are the paper's", "[nodes][alexnet]") {
  const Net net = alexnet({});
  for (const char* name : {"conv2", "conv4", "conv5"})
    CHECK(std::get<Conv2d>(layer(net, name).spec).groups == 2);
  for (const char* name : {"conv1", "conv3"})
    CHECK(std::get<Conv2d>(layer(net, name).spec).groups == 1);
  const Lrn lrn = std::get<Lrn>(layer(net, "norm1").spec);
  CHECK(lrn.towers == 2);
  CHECK(lrn.k == 2.0);
  CHECK(lrn.size == 5);
  CHECK(lrn.reading == Lrn::Alpha::window);
  CHECK(std::get<Dropout>(layer(net, "drop6").spec).scaling == Dropout::Scaling::vanilla);
}

TEST_CASE("glorot and he start with zero biases", "[nodes][alexnet]") {
  io::Recipe recipe = default_recipe("alexnet", "paper");
  recipe.set("train.init", "he");
  for (const Layer& each : make_net(recipe, 10).layers) {
    CHECK(each.start.bias == 0.0);
    CHECK(each.start.weights == Start::Weights::he_normal);
  }
}

TEST_CASE("dropout is the paper's unless a recipe says inverted", "[nodes][alexnet]") {
  io::Recipe recipe = default_recipe("alexnet", "paper");
  const auto scaling = [&] {
    return std::get<Dropout>(layer(make_net(recipe, 10), "drop7").spec).scaling;
  };
  CHECK(scaling() == Dropout::Scaling::vanilla);
  recipe.set("net.dropout_scaling", "inverted");
  CHECK(scaling() == Dropout::Scaling::inverted);
}

TEST_CASE("an unknown variant and a single class are refused", "[nodes][alexnet]") {
  CHECK_THROWS_WITH(alexnet({.variant = "poster"}), Catch::Matchers::Contains("paper"));
  CHECK_THROWS_AS(alexnet({.classes = 1}), Error);
}

TEST_CASE("no dropout leaves the layers out", "[nodes][alexnet]") {
  CHECK(alexnet({}).layers.size() == alexnet({.drop = 0.0}).layers.size() + 2);
}

std::vector<std::string> layer_order(const Net& net) {
  std::vector<std::string> names;
  for (const Layer& each : net.layers) names.push_back(each.name);
  return names;
}

std::vector<std::string> names_in_files(const Net& net) {
  std::vector<std::string> names;
  for (const Layer& each : net.layers) {
    if (!each.file_name.empty()) names.push_back(each.file_name);
  }
  return names;
}

// The net as it was before there were variants: weights of then and the bits of a run hang on it.
TEST_CASE("the paper's net keeps its layers and their names in files", "[nodes][alexnet]") {
  CHECK(layer_order(alexnet({})) ==
        std::vector<std::string>{"conv1", "relu1", "norm1", "pool1", "conv2",  "relu2",
                                 "norm2", "pool2", "conv3", "relu3", "conv4",  "relu4",
                                 "conv5", "relu5", "pool5", "fc6",   "relu6",  "drop6",
                                 "fc7",   "relu7", "drop7", "fc8",   "softmax"});
  const std::vector<std::string> names = {"features.0",   "features.4",  "features.8",
                                          "features.10",  "features.12", "classifier.0",
                                          "classifier.3", "classifier.6"};
  CHECK(names_in_files(alexnet({})) == names);
  CHECK(names_in_files(alexnet({.drop = 0.0})) == names);
  CHECK(names_in_files(alexnet({.lrn = {.use = Switch::off}})) == names);
  const Net net = alexnet({});
  CHECK(std::get<Conv2d>(layer(net, "conv1").spec).pad == Padding{0, 3});
  CHECK(net.side == 224);
  CHECK(net.channels == 3);
}

TEST_CASE("owt's parameters have torchvision's names, dropout stands before", "[nodes][alexnet]") {
  const Net net = alexnet({.variant = "owt"});
  CHECK(names_in_files(net) == std::vector<std::string>{"features.0", "features.3", "features.6",
                                                        "features.8", "features.10", "classifier.1",
                                                        "classifier.4", "classifier.6"});
  const auto order = layer_order(net);
  CHECK(
      std::vector<std::string>(order.end() - 8, order.end()) ==
      std::vector<std::string>{"drop6", "fc6", "relu6", "drop7", "fc7", "relu7", "fc8", "softmax"});
  for (const char* name : {"conv1", "conv5", "fc6", "fc8"}) {
    CHECK(layer(net, name).start.weights == Start::Weights::root_uniform);
    CHECK(layer(net, name).start.limit == 1.0);
    CHECK(layer(net, name).start.biases == Start::Biases::like_weights);
  }
  CHECK(std::get<Conv2d>(layer(net, "conv1").spec).pad == Padding{2, 2});
}

TEST_CASE("run 145 differs from the paper where its files do", "[nodes][alexnet]") {
  const Net net = alexnet({.variant = "run145"});
  const auto order = layer_order(net);
  CHECK(std::vector<std::string>(order.begin(), order.begin() + 9) ==
        std::vector<std::string>{"conv1", "norm1", "pool1", "relu1", "conv2", "relu2", "norm2",
                                 "cnorm2", "pool2"});
  const SameMapLrn same = std::get<SameMapLrn>(layer(net, "cnorm2").spec);
  CHECK(same.size == 5);
  CHECK(same.alpha == 1e-3);
  CHECK(same.k == 1.0);
  for (const char* name : {"conv3", "conv4", "conv5"})
    CHECK(layer(net, name).start.deviation == 0.03);
  for (const char* name : {"conv1", "conv2", "fc6", "fc8"})
    CHECK(layer(net, name).start.deviation == 0.01);
  CHECK(layer(net, "fc8").learning.bias_rate == 2.0);
  const auto off = layer_order(alexnet({.variant = "run145", .lrn = {.use = Switch::off}}));
  CHECK(off.size() == order.size() - 3);
}

TEST_CASE("Caffe's ports normalise across towers, start and learn as their files say",
          "[nodes][alexnet]") {
  const Net caffe = alexnet({.variant = "caffe"});
  CHECK(caffe.side == 227);
  CHECK(std::get<Conv2d>(layer(caffe, "conv1").spec).pad == Padding{});
  CHECK(std::get<Conv2d>(layer(caffe, "conv2").spec).groups == 2);
  CHECK(std::get<Lrn>(layer(caffe, "norm1").spec).towers == 1);
  CHECK(std::get<Lrn>(layer(caffe, "norm1").spec).k == 1.0);
  CHECK(layer(caffe, "conv2").start.bias == 0.1);
  CHECK(layer(caffe, "fc7").start.deviation == 0.005);
  CHECK(layer(caffe, "fc8").start.deviation == 0.01);
  CHECK(layer(caffe, "fc8").start.bias == 0.0);
  CHECK(layer(caffe, "conv1").learning.bias_rate == 2.0);
  CHECK(std::get<Dropout>(layer(caffe, "drop6").spec).scaling == Dropout::Scaling::inverted);
  const Net caffenet = alexnet({.variant = "caffenet"});
  CHECK(layer(caffenet, "conv2").start.bias == 1.0);
  CHECK(caffenet.layers[2].name == "pool1");
  CHECK(caffenet.layers[3].name == "norm1");
}

TEST_CASE("cs231n's net is one tower with zero biases", "[nodes][alexnet]") {
  const Net net = alexnet({.variant = "cs231n"});
  CHECK(std::get<Conv2d>(layer(net, "conv2").spec).groups == 1);
  CHECK(std::get<Lrn>(layer(net, "norm1").spec).k == 2.0);
  for (const Layer& each : net.layers) CHECK(each.start.bias == 0.0);
  CHECK(net.layers[2].name == "pool1");
}

TEST_CASE("the sixth convolution stands behind the last pooling", "[nodes][alexnet]") {
  const Net net = alexnet({.variant = "paper-6conv"});
  CHECK(net.layers[14].name == "pool5");
  CHECK(net.layers[15].name == "conv6");
  CHECK(std::get<Conv2d>(net.layers[15].spec).groups == 2);
  CHECK(net.layers[15].start.bias == 1.0);
  CHECK(net.layers[15].file_name == "features.15");
  CHECK(alexnet({.variant = "paper-6conv", .conv6 = 0}).layers.size() == alexnet({}).layers.size());
}

TEST_CASE("pooling apart keeps the sides of the planes in every variant", "[nodes][alexnet]") {
  for (const std::string& variant : alexnet_variants()) {
    CAPTURE(variant);
    const Net net = alexnet({.variant = variant, .pooling = AlexNetOptions::Pooling::apart});
    CHECK(std::get<MaxPool>(layer(net, "pool1").spec).kernel == 2);
    std::vector<std::int64_t> sides;
    for (const LayerCost& each : layer_costs(net)) {
      if (each.kind == "max-pool") sides.push_back(each.out[1]);
    }
    CHECK(sides == std::vector<std::int64_t>{27, 13, 6});
  }
}

TEST_CASE("tanh, no normalisation and no dropout suit every variant", "[nodes][alexnet]") {
  for (const std::string& variant : alexnet_variants()) {
    CAPTURE(variant);
    const Net net = alexnet({.variant = variant,
                             .lrn = {.use = Switch::off},
                             .activation = Activation::tanh,
                             .drop = 0.0});
    std::map<std::string, int> kinds;
    for (const LayerCost& each : layer_costs(net)) ++kinds[each.kind];
    CHECK(kinds["relu"] + kinds["lrn"] + kinds["same-map-lrn"] + kinds["dropout"] == 0);
    CHECK(kinds["tanh"] == (variant == "paper-6conv" ? 8 : 7));
  }
  const Tanh plain = std::get<Tanh>(layer(alexnet({.activation = Activation::tanh}), "tanh1").spec);
  CHECK(plain.amplitude == 1.0);
  CHECK(plain.slope == 1.0);
}

TEST_CASE("half-size nets have one tower and half the maps", "[nodes][alexnet]") {
  using Towers = AlexNetOptions::Towers;
  const auto maps = [](Towers towers) {
    std::vector<int> all;
    for (const Layer& each : alexnet({.towers = towers}).layers) {
      if (const auto* conv = std::get_if<Conv2d>(&each.spec)) {
        CHECK(conv->groups == 1);
        all.push_back(conv->out_channels);
      }
    }
    return all;
  };
  CHECK(maps(Towers::half) == std::vector<int>{48, 128, 192, 192, 256});
  CHECK(maps(Towers::half_narrow) == std::vector<int>{48, 128, 192, 192, 128});
  CHECK(maps(Towers::one) == std::vector<int>{96, 256, 384, 384, 256});
  CHECK(
      std::get<FullyConnected>(layer(alexnet({.towers = Towers::half}), "fc6").spec).out_features ==
      4096);
}

TEST_CASE("a start that is given goes over the variant's", "[nodes][alexnet]") {
  const Net net = alexnet({.variant = "owt", .start = {.deviation = 0.02, .bias = 0.5}});
  CHECK(layer(net, "conv4").start.weights == Start::Weights::normal);
  CHECK(layer(net, "conv4").start.deviation == 0.02);
  CHECK(layer(net, "conv4").start.biases == Start::Biases::constant);
  CHECK(layer(net, "conv4").start.bias == 0.5);
  CHECK(layer(net, "conv1").start.bias == 0.0);
  const Net run = alexnet({.variant = "run145", .start = {.deviation = 0.02}});
  CHECK(layer(run, "conv1").start.deviation == 0.02);
  CHECK(layer(run, "conv3").start.deviation == 0.03);
}

TEST_CASE("a narrow net has even towers", "[nodes][alexnet]") {
  const Net net = alexnet({.classes = 20, .width = 0.125});
  CHECK(std::get<Conv2d>(layer(net, "conv1").spec).out_channels == 12);
  CHECK(std::get<FullyConnected>(layer(net, "fc6").spec).out_features == 512);
  const Net tiny = alexnet({.width = 0.01});
  CHECK(std::get<Conv2d>(layer(tiny, "conv1").spec).out_channels == 2);
}

}  // namespace
}  // namespace sluice::nodes
