#include "nodes/run/learning.h"

#include "nodes/run/setup.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Contains;

io::Recipe recipe_with(const std::vector<std::pair<std::string, std::string>>& sets) {
  io::Recipe recipe = default_recipe("alexnet", "paper");
  for (const auto& [key, value] : sets) recipe.set(key, value);
  return recipe;
}

Net learning_net(const std::vector<std::pair<std::string, std::string>>& sets) {
  const io::Recipe recipe = recipe_with(sets);
  Net net = make_net(recipe, 5);
  apply_learning(recipe, net);
  return net;
}

const Layer& layer(const Net& net, const std::string& name) {
  for (const Layer& one : net.layers)
    if (one.name == name) return one;
  FAIL("no layer " << name);
  return net.layers.front();
}

TEST_CASE("biases and single layers have factors of the rate and of the decay",
          "[nodes][learning]") {
  const Net net = learning_net({{"train.bias_rate", "2"},
                                {"train.bias_decay", "0.5"},
                                {"train.layer_rates", "conv1=0.1, fc8=10"},
                                {"train.layer_decays", "fc8=250"}});
  CHECK(layer(net, "conv2").learning.weight_rate == 1.0);
  CHECK(layer(net, "conv2").learning.bias_rate == 2.0);
  CHECK(layer(net, "conv2").learning.bias_decay == 0.5);
  CHECK(layer(net, "conv1").learning.weight_rate == 0.1);
  CHECK(layer(net, "conv1").learning.bias_rate == 0.2);
  CHECK(layer(net, "fc8").learning.weight_rate == 10.0);
  CHECK(layer(net, "fc8").learning.weight_decay == 250.0);
  CHECK(layer(net, "fc8").learning.bias_decay == 125.0);
}

TEST_CASE("layers freeze by name, or all but the last", "[nodes][learning]") {
  const Net two = learning_net({{"train.freeze", "conv1,conv2"}});
  CHECK(layer(two, "conv1").learning.frozen);
  CHECK(layer(two, "conv2").learning.frozen);
  CHECK_FALSE(layer(two, "conv3").learning.frozen);
  const Net body = learning_net({{"train.freeze", "body"}});
  CHECK(layer(body, "fc7").learning.frozen);
  CHECK_FALSE(layer(body, "fc8").learning.frozen);
}

TEST_CASE("a net ends in the loss that the recipe names", "[nodes][learning]") {
  CHECK(std::holds_alternative<SoftmaxLoss>(learning_net({}).layers.back().spec));
  const Net net = learning_net({{"train.loss", "hinge"}, {"train.margin", "2"}});
  CHECK(std::get<HingeLoss>(net.layers.back().spec).margin == 2.0);
}

TEST_CASE("mistakes about layers name the key and the layers that learn", "[nodes][learning]") {
  CHECK_THROWS_WITH(learning_net({{"train.freeze", "conv9"}}),
                    Contains("train.freeze: 'conv9'") && Contains("conv1, conv2"));
  CHECK_THROWS_WITH(learning_net({{"train.freeze", "relu1"}}), Contains("not a layer that learns"));
  CHECK_THROWS_WITH(learning_net({{"train.freeze", "body, fc8"}}), Contains("'body'"));
  CHECK_THROWS_WITH(learning_net({{"train.freeze", "conv1,conv2,conv3,conv4,conv5,fc6,fc7,fc8"}}),
                    Contains("leaves no layer that learns"));
  CHECK_THROWS_WITH(learning_net({{"train.layer_rates", "conv1"}}),
                    Contains("train.layer_rates: 'conv1' is not LAYER=FACTOR"));
  CHECK_THROWS_WITH(learning_net({{"train.layer_rates", "conv1=-1"}}), Contains("LAYER=FACTOR"));
  CHECK_THROWS_WITH(learning_net({{"train.layer_rates", "conv1=inf"}}), Contains("LAYER=FACTOR"));
  CHECK_THROWS_WITH(learning_net({{"train.layer_decays", "relu1=1"}}), Contains("'relu1'"));
}

TEST_CASE("a recipe names the rule", "[nodes][learning]") {
  const auto sgd = std::get<SgdRule>(update_rule(recipe_with({{"train.form", "nesterov"},
                                                              {"train.momentum", "0.8"},
                                                              {"train.decay", "0.1"},
                                                              {"train.l1", "0.2"}})));
  CHECK(sgd.form == SgdRule::Form::nesterov);
  CHECK(sgd.momentum == 0.8);
  CHECK(sgd.l2 == 0.1);
  CHECK(sgd.l1 == 0.2);
  const auto lm = std::get<DiagonalLmRule>(update_rule(recipe_with({{"train.rule", "diagonal-lm"},
                                                                    {"train.damping", "0.5"},
                                                                    {"train.momentum", "0"},
                                                                    {"train.decay", "0"}})));
  CHECK(lm.damping == 0.5);
  CHECK_THROWS_WITH(
      update_rule(recipe_with({{"train.rule", "diagonal-lm"}, {"train.momentum", "0"}})),
      Contains("train.decay = 0.0005") && Contains("no such term"));
}

TEST_CASE("rates by steps follow the amendments of a run", "[nodes][learning]") {
  io::Recipe recipe =
      recipe_with({{"train.schedule", "every"}, {"train.every", "10"}, {"train.rate", "1"}});
  CHECK(rate_by_step(recipe)(25) == Approx(0.01));
  recipe.amend(20, "train.rate", "5");
  recipe.amend(40, "train.schedule", "constant");
  const auto rate = rate_by_step(recipe);
  CHECK(rate(19) == Approx(0.1));
  CHECK(rate(20) == Approx(0.05));
  CHECK(rate(39) == Approx(0.005));
  CHECK(rate(40) < 0.0);
  CHECK_FALSE(rate_by_step(recipe_with({{"train.schedule", "constant"}})));
}

TEST_CASE("a step cannot be divided among more replicas than it has images", "[nodes][learning]") {
  CHECK_THROWS_WITH(step_division(recipe_with({{"train.batch", "4"}, {"train.replicas", "8"}})),
                    Contains("train.replicas = 8"));
  CHECK_THROWS_WITH(
      step_division(recipe_with({{"train.rule", "diagonal-lm"}, {"train.replicas", "2"}})),
      Contains("one replica"));
}

}  // namespace
}  // namespace sluice::nodes
