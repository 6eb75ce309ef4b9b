#include "nodes/run/foreign_match.h"

#include <algorithm>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "nodes/run/weight_names.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::nodes;
using Catch::Contains;
using io::test::thrown;

namespace {

Net small_vgg() { return vgg({.variant = "A", .classes = 5, .width = 0.06}); }

// A net's tensors as somebody else's file, the last one first; values 0, 1, 2, ... each.
io::ForeignWeights foreign(const Net& net, WeightNames names) {
  io::ForeignWeights weights{.file = "theirs", .tensors = {}, .read = {}};
  for (const ParameterInfo& parameter : parameters(net))
    weights.tensors.insert(weights.tensors.begin(),
                           {weight_name(net, parameter, names), parameter.shape});
  weights.read = [](std::size_t, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(i);
  };
  return weights;
}

}  // namespace

TEST_CASE("tensors are found by either of the names", "[nodes][import]") {
  const Net net = small_vgg();
  for (const WeightNames names : {WeightNames::torchvision, WeightNames::layers}) {
    const io::ForeignWeights weights = foreign(net, names);
    const auto tensors = match_weights(weights, net);
    REQUIRE(tensors.size() == weights.tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) CHECK(tensors[i] == tensors.size() - 1 - i);
    CHECK(classes_in(weights, vgg({.variant = "A", .classes = 2, .width = 0.06})) == 5);
  }
}

TEST_CASE("axes of 1 in front are none", "[nodes][import]") {
  const Net net = small_vgg();
  io::ForeignWeights weights = foreign(net, WeightNames::layers);
  for (io::TensorSpec& tensor : weights.tensors) {
    std::vector<std::int64_t> sizes = tensor.shape.sizes();
    while (sizes.size() < 4) sizes.insert(sizes.begin(), 1);
    tensor.shape = Shape(sizes);
  }
  CHECK(match_weights(weights, net).size() == weights.tensors.size());
}

TEST_CASE("weights that do not fit are refused with the tensor's name", "[nodes][import]") {
  const Net net = small_vgg();
  const auto matching = [&](const auto& change) {
    io::ForeignWeights weights = foreign(net, WeightNames::torchvision);
    change(weights);
    return thrown([&] { match_weights(weights, net); });
  };
  CHECK_THAT(matching([](auto& weights) { weights.tensors.pop_back(); }),
             Contains("theirs has no features.0.weight (4x3x3x3), which vgg 'A' needs; it has"));
  CHECK_THAT(matching([](auto& weights) {
               weights.tensors.push_back({"more", Shape{1}});
             }),
             Contains("theirs has more (1), which vgg 'A' does not have"));
  CHECK_THAT(matching([](auto& weights) {
               weights.tensors.back().shape = Shape{4, 3, 5, 5};
             }),
             Contains("has shape 4x3x5x5, vgg 'A' needs 4x3x3x3; another --variant"));
}

TEST_CASE("BGR becomes RGB in the first layer and nowhere else", "[nodes][import]") {
  const Net net = small_vgg();
  io::ForeignWeights weights = foreign(net, WeightNames::layers);
  const auto infos = parameters(net);
  const auto plain = read_parameter(weights, 0, net, infos[0]);
  CHECK(plain[1] == 1.0F);
  weights.colours = io::ColourOrder::bgr;
  const auto turned = read_parameter(weights, 0, net, infos[0]);
  CHECK(turned[0] == 18.0F);
  CHECK(turned[9] == 9.0F);
  CHECK(turned[18] == 0.0F);
  CHECK(turned[27] == 45.0F);
  CHECK(read_parameter(weights, 0, net, infos[1])[1] == 1.0F);
  CHECK(read_parameter(weights, 0, net, infos[2])[1] == 1.0F);
  const Net grey = lenet({.variant = "caffe"});
  CHECK(read_parameter(weights, 0, grey, parameters(grey)[0])[1] == 1.0F);
}

TEST_CASE("torchvision has some of our nets", "[nodes][export]") {
  for (const char* variant : {"A", "B", "D", "E"})
    CHECK(thrown([&] { check_in_torchvision(vgg({.variant = variant})); }) == "nothing");
  const Net owt = alexnet({.variant = "owt", .width = 0.5});
  CHECK(thrown([&] { check_in_torchvision(owt); }) == "nothing");
  CHECK(weight_name(owt, parameters(owt).back(), WeightNames::torchvision) == "classifier.6.bias");
  CHECK(weight_name(owt, parameters(owt).back(), WeightNames::layers) == "fc8.bias");
  for (const Net& net : {vgg({.variant = "C"}), vgg({.variant = "A-LRN"}), alexnet({}),
                         lenet({.variant = "modern"})})
    CHECK_THAT(thrown([&] { check_in_torchvision(net); }), Contains("torchvision has no"));
  CHECK_THAT(
      thrown([&] { check_in_torchvision(vgg({.variant = "A", .activation = Activation::tanh})); }),
      Contains("with options that torchvision's has not"));
  CHECK_THAT(thrown([&] {
               check_in_torchvision(vgg({.variant = "A", .scaling = Dropout::Scaling::vanilla}));
             }),
             Contains("with options"));
}
