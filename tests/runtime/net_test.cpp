#include "runtime/net/net.h"

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

// The layers and sizes of the AlexNet paper, two towers as groups.
Net alexnet() {
  const Conv2d grouped5{.out_channels = 256, .kernel = 5, .pad = {2, 2}, .groups = 2};
  const Conv2d grouped384{.out_channels = 384, .kernel = 3, .pad = {1, 1}, .groups = 2};
  const Conv2d grouped256{.out_channels = 256, .kernel = 3, .pad = {1, 1}, .groups = 2};
  const MaxPool pool{.kernel = 3, .stride = 2};
  return {.name = "alexnet",
          .variant = "test",
          .layers = {{"conv1",
                      Conv2d{.out_channels = 96, .kernel = 11, .stride = 4, .pad = {0, 3}},
                      {},
                      "features.0"},
                     {"relu1", Relu{}, {}, ""},
                     {"norm1", Lrn{.towers = 2}, {}, ""},
                     {"pool1", pool, {}, ""},
                     {"conv2", grouped5, {}, "features.4"},
                     {"pool2", pool, {}, ""},
                     {"conv3", Conv2d{.out_channels = 384, .kernel = 3, .pad = {1, 1}}, {}, "c3"},
                     {"conv4", grouped384, {}, "c4"},
                     {"conv5", grouped256, {}, "c5"},
                     {"pool5", pool, {}, ""},
                     {"fc6", FullyConnected{4096}, {}, "classifier.1"},
                     {"drop6", Dropout{}, {}, ""},
                     {"fc7", FullyConnected{4096}, {}, "classifier.4"},
                     {"fc8", FullyConnected{1000}, {}, "classifier.6"},
                     {"loss", SoftmaxLoss{}, {}, ""}}};
}

Net one_layer(const LayerSpec& spec, int channels = 6, int side = 8) {
  return {.name = "one",
          .channels = channels,
          .side = side,
          .layers = {{"subject", spec, {}, "subject"}}};
}

Shape out_of(const Net& net) { return infer_shapes(net).back().out; }

}  // namespace

TEST_CASE("AlexNet's planes have the published sides", "[runtime][net]") {
  const std::vector<LayerShapes> shapes = infer_shapes(alexnet());
  CHECK(shapes[0].in == Shape{3, 224, 224});
  CHECK(shapes[0].out == Shape{96, 55, 55});
  CHECK(shapes[3].out == Shape{96, 27, 27});
  CHECK(shapes[4].out == Shape{256, 27, 27});
  CHECK(shapes[5].out == Shape{256, 13, 13});
  CHECK(shapes[9].out == Shape{256, 6, 6});
  CHECK(shapes[10].out == Shape{4096});
  CHECK(shapes[14].out == Shape{1});
}

TEST_CASE("AlexNet has the published parameters and cost", "[runtime][net]") {
  const Net net = alexnet();
  CHECK(parameter_count(net) == 60965224);
  CHECK(class_count(net) == 1000);
  std::int64_t multiply_adds = 0, parameter_bytes = 0;
  for (const LayerCost& cost : layer_costs(net)) {
    multiply_adds += cost.multiply_adds;
    parameter_bytes += cost.parameter_bytes;
  }
  CHECK(static_cast<double>(multiply_adds) == Approx(724.4e6).epsilon(1e-3));
  CHECK(parameter_bytes == 4 * 60965224);
}

TEST_CASE("AlexNet's outputs see as much of the input as published", "[runtime][net]") {
  const std::vector<LayerCost> costs = layer_costs(alexnet());
  const auto field = [&](std::size_t layer) { return costs[layer].receptive_field; };
  CHECK(field(0) == 11);
  CHECK(field(2) == 11);
  CHECK(field(4) == 51);
  CHECK(field(6) == 99);
  CHECK(field(7) == 131);
  CHECK(field(8) == 163);
  CHECK(field(9) == 195);
  CHECK(field(10) == 355);
  CHECK(field(12) == 0);
}

TEST_CASE("a layer's cost names it, its kind and its bytes", "[runtime][net]") {
  const LayerCost cost = layer_costs(alexnet())[4];
  CHECK(cost.name == "conv2");
  CHECK(cost.kind == "convolution");
  CHECK(cost.weights == 256 * 48 * 25);
  CHECK(cost.biases == 256);
  CHECK(cost.multiply_adds == 223948800);
  CHECK(cost.activation_bytes == 4 * 256 * 27 * 27);
}

TEST_CASE("parameters come in layer order, weights before biases", "[runtime][net]") {
  const std::vector<ParameterInfo> infos = parameters(alexnet());
  REQUIRE(infos.size() == 16);
  CHECK(infos[0].shape == Shape{96, 3, 11, 11});
  CHECK(infos[0].file_name == "features.0.weight");
  CHECK(infos[1].role == ParameterRole::biases);
  CHECK(infos[1].shape == Shape{96});
  CHECK(infos[2].shape == Shape{256, 48, 5, 5});
  CHECK(infos[10].shape == Shape{4096, 9216});
  CHECK(infos[15].layer == 13);
  CHECK(infos[15].file_name == "classifier.6.bias");
}

TEST_CASE("a pool rounds up, and its last window starts inside the plane", "[runtime][net]") {
  CHECK(out_of(one_layer(MaxPool{.kernel = 2, .stride = 2}, 6, 7)) == Shape{6, 4, 4});
  CHECK(out_of(one_layer(MaxPool{.kernel = 3, .stride = 2}, 6, 8)) == Shape{6, 4, 4});
  CHECK(out_of(one_layer(MaxPool{.kernel = 2, .stride = 3}, 6, 6)) == Shape{6, 2, 2});
  CHECK(out_of(one_layer(MaxPool{.kernel = 1, .stride = 4}, 6, 4)) == Shape{6, 1, 1});
}

TEST_CASE("a layer that does not fit its input is named", "[runtime][net]") {
  const auto refuses = [](const LayerSpec& spec) {
    const Net net = one_layer(spec);
    CHECK_THROWS_AS(infer_shapes(net), Error);
    CHECK_THROWS_WITH(infer_shapes(net), Catch::Contains("layer subject"));
  };
  refuses(Conv2d{.out_channels = 4, .kernel = 9});
  refuses(Conv2d{.out_channels = 4, .kernel = 3, .groups = 3});
  refuses(Conv2d{.out_channels = 0, .kernel = 3});
  refuses(Conv2d{.out_channels = 4, .kernel = 3, .stride = 0});
  refuses(Conv2d{.out_channels = 4, .kernel = 3, .pad = {-1, 0}});
  refuses(Lrn{.size = 4});
  refuses(Lrn{.towers = 4});
  refuses(Lrn{.k = 0.0});
  refuses(MaxPool{.kernel = 9});
  refuses(FullyConnected{0});
  refuses(Dropout{.drop = 1.0});
  refuses(Dropout{.drop = -0.1});
  refuses(SoftmaxLoss{});
}

TEST_CASE("a net needs layers, names that differ, and its loss at the end", "[runtime][net]") {
  Net net = one_layer(FullyConnected{3});
  CHECK(out_of(net) == Shape{3});
  net.layers.push_back(net.layers.front());
  CHECK_THROWS_WITH(infer_shapes(net), Catch::Contains("two layers named subject"));
  net.layers[1] = {"loss", SoftmaxLoss{}, {}, ""};
  net.layers.push_back({"relu", Relu{}, {}, ""});
  CHECK_THROWS_WITH(infer_shapes(net), Catch::Contains("must be the last layer"));
  net.layers.clear();
  CHECK_THROWS_WITH(infer_shapes(net), Catch::Contains("has no layers"));
  CHECK_THROWS_WITH(class_count(one_layer(Relu{})), Catch::Contains("no classes"));
  CHECK_THROWS_AS(infer_shapes(one_layer(Relu{}, 3, 0)), Error);
}

TEST_CASE("a plane is needed where a layer looks at neighbours", "[runtime][net]") {
  for (const LayerSpec& spec :
       {LayerSpec{Conv2d{.out_channels = 2}}, LayerSpec{Lrn{}}, LayerSpec{MaxPool{}}}) {
    Net net = one_layer(FullyConnected{3});
    net.layers.push_back({"second", spec, {}, ""});
    CHECK_THROWS_WITH(infer_shapes(net), Catch::Contains("layer second"));
  }
}

}  // namespace sluice
