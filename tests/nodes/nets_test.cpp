// The 17 named nets against the published figures (FACTS 1.6, 2.1, 3 and 4).
#include <algorithm>
#include <cmath>
#include <map>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "nodes/run/net_options.h"
#include "nodes/run/setup.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

struct Published {
  std::string net;
  std::string variant;
  std::int64_t weights = 0;
  std::int64_t biases = 0;
  std::int64_t multiply_adds = 0;
  double giga = 0.0;  // as printed, with four digits (AlexNet) or three (VGG)
  double unit = 1e-4;
  std::map<std::string, int> fields{};  // receptive fields by layer
};

const std::map<std::string, int> kAlexNetFields = {{"conv1", 11},  {"conv2", 51},  {"conv3", 99},
                                                   {"conv4", 131}, {"conv5", 163}, {"pool5", 195},
                                                   {"fc6", 355}};

std::map<std::string, int> vgg_fields(int pool5, int fc6) {
  return {{"pool5", pool5}, {"fc6", fc6}};
}

// Biases of AlexNet: 96 + 256 + 384 + 384 + 256 maps, 4096 + 4096 + 1000 units.
std::vector<Published> alexnets() {
  const std::int64_t biases = 1376 + 9192;
  const auto towers = [&](const char* variant) {
    return Published{.net = "alexnet",
                     .variant = variant,
                     .weights = 60'965'224 - biases,
                     .biases = biases,
                     .multiply_adds = 724'406'816,
                     .giga = 0.7244,
                     .fields = kAlexNetFields};
  };
  std::vector<Published> all = {towers("paper"), towers("run145"), towers("caffe"),
                                towers("caffenet")};
  all.push_back({.net = "alexnet",
                 .variant = "cs231n",
                 .weights = 62'378'344 - biases,
                 .biases = biases,
                 .multiply_adds = 1'135'256'096,
                 .giga = 1.1353,
                 .fields = kAlexNetFields});
  all.push_back({.net = "alexnet",
                 .variant = "owt",
                 .weights = 61'100'840 - 1152 - 9192,
                 .biases = 1152 + 9192,
                 .multiply_adds = 714'188'480,
                 .giga = 0.7142,
                 .fields = kAlexNetFields});
  auto with_sixth = kAlexNetFields;  // two steps of 32 more on each side
  with_sixth["conv6"] = 195 + 2 * 32;
  with_sixth["fc6"] = 355 + 2 * 32;
  all.push_back({.net = "alexnet",
                 .variant = "paper-6conv",
                 .weights = 61'260'392 - biases - 256,
                 .biases = biases + 256,
                 .multiply_adds = 724'406'816 + 10'616'832,
                 .giga = 0.7350,
                 .fields = with_sixth});
  return all;
}

// Biases: the maps of all convolutions and 9192 units.
std::vector<Published> vggs() {
  const auto vgg = [](const char* variant, std::int64_t parameters, std::int64_t maps,
                      std::int64_t adds, double giga, std::map<std::string, int> fields) {
    return Published{.net = "vgg",
                     .variant = variant,
                     .weights = parameters - maps - 9192,
                     .biases = maps + 9192,
                     .multiply_adds = adds,
                     .giga = giga,
                     .unit = 1e-3,
                     .fields = std::move(fields)};
  };
  return {vgg("A", 132'863'336, 2752, 7'609'090'048, 7.609, vgg_fields(150, 342)),
          vgg("A-LRN", 132'863'336, 2752, 7'609'090'048, 7.609, vgg_fields(150, 342)),
          // FACTS prints 11.309: A's rounded figure plus the two added layers' rounded 1.85.
          vgg("B", 133'047'848, 2944, 11'308'466'176, 11.308, vgg_fields(156, 348)),
          vgg("C", 133'638'952, 4224, 11'770'888'192, 11.771, vgg_fields(156, 348)),
          vgg("D", 138'357'544, 4224, 15'470'264'320, 15.470, vgg_fields(212, 404)),
          vgg("E", 143'667'240, 5504, 19'632'062'464, 19.632, vgg_fields(268, 460)),
          vgg("B-5x5", 134'503'528, 1472, 9'356'017'664, 9.356, vgg_fields(156, 348)),
          vgg("D-7x7", 144'777'512, 1664, 17'422'712'832, 17.423, vgg_fields(212, 404))};
}

std::vector<Published> lenets() {
  return {{.net = "lenet5",
           .variant = "1998",
           .weights = 60'000 - 6 - 6 - 16 - 16 - 120 - 84,
           .biases = 6 + 6 + 16 + 16 + 120 + 84,
           .multiply_adds = 326'520,
           .giga = 0.0003},
          {.net = "lenet5",
           .variant = "caffe",
           .weights = 431'080 - 580,
           .biases = 580,
           .multiply_adds = 2'293'000,
           .giga = 0.0023},
          {.net = "lenet5",
           .variant = "modern",
           .weights = 61'706 - 236,
           .biases = 236,
           .multiply_adds = 416'520,
           .giga = 0.0004}};
}

std::vector<Published> all_nets() {
  std::vector<Published> all = lenets();
  for (const auto& nets : {alexnets(), vggs()}) all.insert(all.end(), nets.begin(), nets.end());
  return all;
}

Net published_net(const Published& net) {
  const int classes = net.net == "lenet5" ? 10 : 1000;
  return make_net(default_recipe(net.net, net.variant), classes);
}

const Layer& layer(const Net& net, const std::string& name) {
  for (const Layer& candidate : net.layers) {
    if (candidate.name == name) return candidate;
  }
  FAIL("no layer " << name);
  return net.layers.front();
}

LayerCost cost(const Net& net, const std::string& name) {
  for (const LayerCost& candidate : layer_costs(net)) {
    if (candidate.name == name) return candidate;
  }
  FAIL("no layer " << name);
  return {};
}

std::vector<std::string> names_in_files(const Net& net) {
  std::vector<std::string> names;
  for (const Layer& each : net.layers) {
    if (!each.file_name.empty()) names.push_back(each.file_name);
  }
  return names;
}

TEST_CASE("the eighteen nets have the published or counted figures to the last digit",
          "[nodes][nets]") {
  const std::vector<Published> all = all_nets();
  REQUIRE(all.size() == 18);
  for (const Published& published : all) {
    CAPTURE(published.net, published.variant);
    const Net net = published_net(published);
    CHECK(net.name == published.net);
    CHECK(net.variant == published.variant);
    LayerCost sum;
    for (const LayerCost& each : layer_costs(net)) {
      sum.weights += each.weights;
      sum.biases += each.biases;
      sum.multiply_adds += each.multiply_adds;
      if (published.fields.contains(each.name))
        CHECK(each.receptive_field == published.fields.at(each.name));
    }
    CHECK(sum.weights == published.weights);
    CHECK(sum.biases == published.biases);
    CHECK(sum.multiply_adds == published.multiply_adds);
    CHECK(std::round(static_cast<double>(sum.multiply_adds) / 1e9 / published.unit) ==
          std::round(published.giga / published.unit));
    CHECK(parameter_count(net) == published.weights + published.biases);
    for (const auto& [name, field] : published.fields) layer(net, name);
  }
}

TEST_CASE("the list of variants is the list of named nets", "[nodes][nets]") {
  CHECK(net_variants("lenet5").size() + net_variants("alexnet").size() +
            net_variants("vgg").size() ==
        18);
  for (const Published& published : all_nets()) {
    const auto variants = net_variants(published.net);
    CHECK(std::find(variants.begin(), variants.end(), published.variant) != variants.end());
  }
  CHECK_THROWS_WITH(net_variants("resnet"),
                    "no net is named 'resnet'; valid: alexnet, vgg, lenet5");
}

TEST_CASE("work of AlexNet's layers is the published one", "[nodes][nets]") {
  const Net net = alexnet({});
  const std::map<std::string, double> published = {
      {"conv1", 105.4}, {"conv2", 223.9}, {"conv3", 149.5}, {"conv4", 112.1},
      {"conv5", 74.8},  {"fc6", 37.7},    {"fc7", 16.8},    {"fc8", 4.1}};
  for (const auto& [name, mega] : published) {
    CAPTURE(name);
    CHECK(std::round(static_cast<double>(cost(net, name).multiply_adds) / 1e5) ==
          std::round(mega * 10));
  }
}

TEST_CASE("tf_cnn's net is owt with other cells", "[nodes][nets]") {
  const Net net = alexnet({.variant = "owt",
                           .side = 227,
                           .conv1_pad = Padding{},
                           .maps = std::array{64, 192, 384, 384, 256}});
  CHECK(parameter_count(net) == 61'838'248);
}

TEST_CASE("what run 145's same-map norm sees is said of it alone", "[nodes][nets]") {
  const Net net = alexnet({.variant = "run145"});
  CHECK(cost(net, "norm2").receptive_field == 51);
  CHECK(cost(net, "cnorm2").receptive_field == 51 + 4 * 8);
  CHECK(cost(net, "pool2").receptive_field == cost(alexnet({}), "pool2").receptive_field);
}

// A weight or bias, once for every output that it enters.
std::int64_t connections(const LayerCost& cost) {
  const std::int64_t outputs = cost.out.elements();
  if (cost.kind == "subsample") return outputs * (4 + 1);
  if (cost.kind == "rbf") return cost.multiply_adds;
  return cost.multiply_adds + (cost.biases > 0 ? outputs : 0);
}

TEST_CASE("LeNet-5 of 1998 has the published parameters and connections of each layer",
          "[nodes][nets][lenet]") {
  const Net net = lenet({.variant = "1998"});
  struct Row {
    std::int64_t parameters = 0;
    std::int64_t connections = 0;
    Shape out;
  };
  const std::map<std::string, Row> published = {{"c1", {156, 122'304, {6, 28, 28}}},
                                                {"s2", {12, 5'880, {6, 14, 14}}},
                                                {"c3", {1'516, 151'600, {16, 10, 10}}},
                                                {"s4", {32, 2'000, {16, 5, 5}}},
                                                {"c5", {48'120, 48'120, {120, 1, 1}}},
                                                {"f6", {10'164, 10'164, {84}}},
                                                {"rbf", {0, 840, {10}}}};
  std::int64_t sum = 0;
  for (const auto& [name, row] : published) {
    CAPTURE(name);
    const LayerCost found = cost(net, name);
    CHECK(found.weights + found.biases == row.parameters);
    CHECK(connections(found) == row.connections);
    CHECK(found.out == row.out);
    sum += connections(found);
  }
  CHECK(sum == 340'908);
  CHECK(parameter_count(net) == 60'000);
}

TEST_CASE("LeNet-5 of 1998 starts, squashes and ends as its paper says", "[nodes][nets][lenet]") {
  const Net net = lenet({.variant = "1998"});
  for (const char* name : {"c1", "s2", "c3", "s4", "c5", "f6"}) {
    const Start& start = layer(net, name).start;
    CHECK(start.weights == Start::Weights::fan_in_uniform);
    CHECK(start.limit == 2.4);
    CHECK(start.biases == Start::Biases::like_weights);
  }
  for (const int i : {1, 2, 3, 4, 5, 6}) {
    const Tanh squash = std::get<Tanh>(layer(net, "tanh" + std::to_string(i)).spec);
    CHECK(squash.amplitude == 1.7159);
    CHECK(squash.slope == 2.0 / 3.0);
  }
  CHECK(std::get<MapLoss>(net.layers.back().spec).garbage == MapLoss{}.garbage);
  CHECK(std::get<MapLoss>(lenet({.variant = "1998", .garbage = 2.0}).layers.back().spec).garbage ==
        2.0);
}

// As a person draws it: # is ink.
std::string drawn(const std::vector<std::int8_t>& code) {
  std::string text;
  for (std::size_t i = 0; i < code.size(); ++i) {
    text += code[i] > 0 ? '#' : '.';
    if (i % 7 == 6) text += '\n';
  }
  return text;
}

TEST_CASE("the codes of LeNet-5 look like digits", "[nodes][nets][lenet]") {
  const auto codes = lenet_codes();
  REQUIRE(codes.size() == 10);
  for (const auto& code : codes) REQUIRE(code.size() == 84);
  CHECK(drawn(codes[7]) ==
        "#######\n"
        ".....##\n"
        ".....##\n"
        "....##.\n"
        "...##..\n"
        "...##..\n"
        "..##...\n"
        "..##...\n"
        "..##...\n"
        "..##...\n"
        ".......\n"
        ".......\n");
  CHECK(drawn(codes[1]).substr(0, 24) == "...##..\n..###..\n.####..\n");
}

TEST_CASE("Caffe's LeNet starts and learns as its files say", "[nodes][nets][lenet]") {
  const Net net = published_net({.net = "lenet5", .variant = "caffe"});
  CHECK(net.side == 28);
  for (const char* name : {"conv1", "conv2", "ip1", "ip2"}) {
    const Layer& each = layer(net, name);
    CHECK(each.start.weights == Start::Weights::root_uniform);
    CHECK(each.start.limit == Approx(std::sqrt(3.0)));
    CHECK(each.start.bias == 0.0);
    CHECK(each.learning.bias_rate == 2.0);
    CHECK(each.learning.bias_decay == 1.0);
    CHECK(each.file_name == name);
  }
}

TEST_CASE("VGG's parameters have torchvision's names", "[nodes][nets][vgg]") {
  const auto expected = [](std::vector<int> features) {
    std::vector<std::string> names;
    for (const int i : features) names.push_back("features." + std::to_string(i));
    for (const char* name : {"classifier.0", "classifier.3", "classifier.6"}) names.push_back(name);
    return names;
  };
  CHECK(names_in_files(vgg({.variant = "A"})) == expected({0, 3, 6, 8, 11, 13, 16, 18}));
  CHECK(names_in_files(vgg({.variant = "B"})) == expected({0, 2, 5, 7, 10, 12, 15, 17, 20, 22}));
  CHECK(names_in_files(vgg({.variant = "D"})) ==
        expected({0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28}));
  CHECK(names_in_files(vgg({.variant = "E"})) ==
        expected({0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34}));
}

TEST_CASE("VGG's layers have the paper's names and places", "[nodes][nets][vgg]") {
  const Net c = vgg({.variant = "C"});
  CHECK(std::get<Conv2d>(layer(c, "conv3_3").spec).kernel == 1);
  CHECK(std::get<Conv2d>(layer(c, "conv3_2").spec).kernel == 3);
  CHECK(std::get<Conv2d>(layer(vgg({.variant = "B-5x5"}), "conv5_1").spec).kernel == 5);
  CHECK(std::get<Conv2d>(layer(vgg({.variant = "D-7x7"}), "conv3_1").spec).kernel == 7);
  CHECK(std::get<Conv2d>(layer(vgg({.variant = "D-7x7"}), "conv2_2").spec).kernel == 3);
  const Net lrn = vgg({.variant = "A-LRN"});
  CHECK(lrn.layers[0].name == "conv1_1");
  CHECK(lrn.layers[1].name == "relu1_1");
  const Lrn norm = std::get<Lrn>(lrn.layers[2].spec);
  CHECK(norm.size == 5);
  CHECK(norm.k == 2.0);
  CHECK(norm.alpha == 1e-4);
  CHECK(norm.towers == 1);
  CHECK(std::get<Dropout>(layer(c, "drop7").spec).scaling == Dropout::Scaling::inverted);
}

TEST_CASE("VGG's A starts normal and the deeper ones as Glorot says", "[nodes][nets][vgg]") {
  CHECK(layer(vgg({}), "conv3_2").start.weights == Start::Weights::normal);
  CHECK(layer(vgg({}), "fc8").start.deviation == 0.01);
  for (const char* variant : {"B", "C", "D", "E", "B-5x5", "D-7x7"})
    CHECK(layer(vgg({.variant = variant}), "fc6").start.weights == Start::Weights::glorot_uniform);
  const Net normal = vgg({.variant = "D", .start = {.deviation = 0.02}});
  CHECK(layer(normal, "fc6").start.weights == Start::Weights::normal);
  CHECK(layer(normal, "fc6").start.deviation == 0.02);
}

TEST_CASE("a narrow VGG keeps its depth", "[nodes][nets][vgg]") {
  const Net eighth = vgg({.variant = "D", .classes = 20, .width = 0.125});
  CHECK(std::get<Conv2d>(layer(eighth, "conv1_1").spec).out_channels == 8);
  CHECK(std::get<Conv2d>(layer(eighth, "conv5_3").spec).out_channels == 64);
  CHECK(std::get<FullyConnected>(layer(eighth, "fc7").spec).out_features == 512);
  CHECK(class_count(eighth) == 20);
  CHECK(std::get<Conv2d>(layer(vgg({.width = 0.001}), "conv1_1").spec).out_channels == 1);
}

TEST_CASE("what a LeNet cannot be is refused", "[nodes][nets][lenet]") {
  CHECK_THROWS_WITH(lenet({.variant = "2012"}),
                    "lenet5 has no variant '2012'; valid: 1998, caffe, modern");
  CHECK_THROWS_WITH(lenet({.variant = "1998", .classes = 11}),
                    Catch::Matchers::Contains("valid: 2 to 10"));
  CHECK_THROWS_WITH(lenet({.variant = "1998", .width = 0.5}),
                    Catch::Matchers::Contains("valid: 1"));
  CHECK_THROWS_WITH(lenet({.variant = "modern", .garbage = 1.0}),
                    Catch::Matchers::Contains("valid: variant"));
  CHECK(class_count(lenet({.variant = "1998", .classes = 2})) == 2);
}

TEST_CASE("an unknown configuration of VGG is refused", "[nodes][nets][vgg]") {
  CHECK_THROWS_WITH(vgg({.variant = "F"}),
                    "vgg has no variant 'F'; valid: A, A-LRN, B, C, D, E, B-5x5, D-7x7");
}

}  // namespace
}  // namespace sluice::nodes
