#include "nodes/nets/alexnet.h"

#include <variant>

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

}  // namespace
}  // namespace sluice::nodes
