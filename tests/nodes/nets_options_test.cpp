// Recipes and nets: keys, words, defaults of variants.
#include "nodes/augment_chain.h"
#include "nodes/nets/alexnet.h"
#include "nodes/nets/vgg.h"
#include "nodes/run/heard.h"
#include "nodes/run/net_options.h"
#include "nodes/run/setup.h"
#include "nodes/run/variant_defaults.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Matchers::Contains;

const Layer& layer(const Net& net, const std::string& name) {
  for (const Layer& candidate : net.layers) {
    if (candidate.name == name) return candidate;
  }
  FAIL("no layer " << name);
  return net.layers.front();
}

// The net of a variant with one key changed.
Net with(const std::string& net, const std::string& variant, const std::string& key,
         const std::string& value) {
  io::Recipe recipe = default_recipe(net, variant);
  recipe.set(key, value);
  return make_net(recipe, net == "lenet5" ? 10 : 20);
}

TEST_CASE("every key of AlexNet reaches its net, in a variant that says otherwise",
          "[nodes][options]") {
  CHECK(with("alexnet", "paper", "net.side", "227").side == 227);
  CHECK(std::get<Conv2d>(layer(with("alexnet", "paper", "net.conv1_padding", "2"), "conv1").spec)
            .pad == Padding{2, 2});
  CHECK(std::get<Conv2d>(layer(with("alexnet", "owt", "net.conv1_padding", "0,3"), "conv1").spec)
            .pad == Padding{0, 3});
  CHECK(std::get<Conv2d>(
            layer(with("alexnet", "owt", "net.maps", "64,192,384,384,256"), "conv4").spec)
            .out_channels == 384);
  CHECK(std::get<Conv2d>(layer(with("alexnet", "paper", "net.conv6", "128"), "conv6").spec)
            .out_channels == 128);
  CHECK(std::get<Conv2d>(layer(with("alexnet", "cs231n", "net.towers", "two"), "conv2").spec)
            .groups == 2);
  CHECK(std::get<Conv2d>(layer(with("alexnet", "paper", "net.towers", "half"), "conv1").spec)
            .out_channels == 48);
  CHECK(std::get<Conv2d>(layer(with("alexnet", "paper", "net.towers", "half-narrow"), "conv5").spec)
            .out_channels == 128);
  CHECK(with("alexnet", "paper", "net.block1", "relu-pool-lrn").layers[2].name == "pool1");
  CHECK(with("alexnet", "paper", "net.block1", "lrn-pool-relu").layers[1].name == "norm1");
  CHECK(with("alexnet", "paper", "net.block1", "relu-pool").layers[3].name == "conv2");
  CHECK(with("alexnet", "run145", "net.block2", "relu-lrn-pool").layers[7].name == "pool2");
  CHECK(with("alexnet", "paper", "net.block2", "relu-lrn-same-map-pool").layers[7].name ==
        "cnorm2");
  CHECK(with("alexnet", "paper", "net.lrn", "off").layers[2].name == "pool1");
  CHECK(
      std::get<Lrn>(layer(with("alexnet", "paper", "net.lrn_maps", "all"), "norm1").spec).towers ==
      1);
  CHECK(std::get<MaxPool>(layer(with("alexnet", "owt", "net.pooling", "apart"), "pool5").spec)
            .kernel == 2);
  CHECK(layer(with("alexnet", "caffe", "net.activation", "tanh"), "tanh7").name == "tanh7");
  CHECK(std::get<Dropout>(layer(with("alexnet", "paper", "net.dropout", "0.25"), "drop6").spec)
            .drop == 0.25);
  CHECK(std::get<Dropout>(
            layer(with("alexnet", "caffe", "net.dropout_scaling", "vanilla"), "drop6").spec)
            .scaling == Dropout::Scaling::vanilla);
  CHECK(with("alexnet", "paper", "net.dropout_place", "before").layers[15].name == "drop6");
  CHECK(layer(with("alexnet", "paper", "net.deviation", "0.05"), "fc8").start.deviation == 0.05);
  CHECK(layer(with("alexnet", "paper", "net.deviation_conv345", "0.05"), "conv4").start.deviation ==
        0.05);
  CHECK(layer(with("alexnet", "caffe", "net.deviation_fc67", "0.05"), "fc6").start.deviation ==
        0.05);
  CHECK(layer(with("alexnet", "cs231n", "net.bias", "0.1"), "fc7").start.bias == 0.1);
}

TEST_CASE("the normalisation's figures are keys", "[nodes][options]") {
  const auto lrn = [](const std::string& key, const std::string& value) {
    return std::get<Lrn>(layer(with("alexnet", "paper", key, value), "norm2").spec);
  };
  CHECK(lrn("net.lrn_size", "3").size == 3);
  CHECK(lrn("net.lrn_alpha", "0.0005").alpha == 0.0005);
  CHECK(lrn("net.lrn_beta", "1").beta == 1.0);
  CHECK(lrn("net.lrn_k", "1").k == 1.0);
  CHECK(lrn("net.lrn_reading", "literal").reading == Lrn::Alpha::literal);
  const Net vgg = with("vgg", "A-LRN", "net.lrn_k", "1");
  CHECK(std::get<Lrn>(layer(vgg, "norm1_1").spec).k == 1.0);
  CHECK(with("vgg", "A-LRN", "net.lrn", "off").layers[2].name == "pool1");
  CHECK(with("vgg", "D", "net.lrn", "on").layers[2].name == "norm1_1");
}

TEST_CASE("a key about what a net has no choice of is refused", "[nodes][options]") {
  CHECK_THROWS_WITH(with("vgg", "A", "net.towers", "one"),
                    "net.towers = 'one': vgg has no such choice; valid: variant");
  CHECK_THROWS_WITH(with("lenet5", "modern", "net.dropout", "0.5"),
                    "net.dropout = '0.5': lenet5 has no such choice; valid: variant");
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.garbage", "1"), Contains("no such choice"));
  CHECK_NOTHROW(with("lenet5", "1998", "net.garbage", "1"));
}

TEST_CASE("unknown words and numbers out of range name what is valid", "[nodes][options]") {
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.activation", "sigmoid"),
                    "net.activation = 'sigmoid' is not known; valid: variant, relu, tanh");
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.dropout", "1.5"),
                    "net.dropout = 1.5 is out of range; valid: 0 to 0.99");
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.lrn_k", "much"),
                    Contains("net.lrn_k = 'much'") && Contains("variant or 0.000001 to 1000"));
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.lrn_size", "2.5"), Contains("whole number"));
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.lrn_size", "4"), Contains("odd"));
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.conv1_padding", "1,2,3"), Contains("0,3"));
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.conv1_padding", "-1"), Contains("0,3"));
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.maps", "64,192"), Contains("five numbers"));
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.maps", "64,192,384,256,"),
                    Contains("five numbers"));
}

TEST_CASE("shapes that cannot be are refused when the net is made", "[nodes][options]") {
  CHECK_THROWS_WITH(with("alexnet", "paper", "net.side", "30"),
                    Contains("layer pool5: kernel 3 is larger than its input"));
  CHECK_THROWS_WITH(with("vgg", "A", "net.side", "16"), Contains("layer pool5"));
  CHECK_THROWS_AS(with("alexnet", "caffe", "net.side", "8"), Error);
}

using Sets = std::vector<std::pair<std::string, std::string>>;

void check_heard_with(const std::string& net, const std::string& variant, const Sets& sets) {
  io::Recipe recipe = default_recipe(net, variant);
  for (const auto& [key, value] : sets) recipe.set(key, value);
  check_heard(recipe, make_net(recipe, 10));
}

TEST_CASE("a key that changes nothing names what it needs", "[nodes][options]") {
  struct Row {
    std::string net, variant;
    Sets sets;  // the last is the one that is refused
    std::string needs;
  };
  const Sets lm = {{"train.rule", "diagonal-lm"}, {"train.momentum", "0"}, {"train.decay", "0"}};
  const auto with_lm = [&](const std::string& key, const std::string& value) {
    Sets sets = lm;
    sets.emplace_back(key, value);
    return sets;
  };
  const std::vector<Row> rows = {
      {"alexnet", "owt", {{"net.lrn", "on"}}, "net.block1"},
      {"alexnet", "owt", {{"net.lrn_size", "3"}}, "net.lrn = \"on\" and a net.block1"},
      {"alexnet", "paper", {{"net.lrn", "off"}, {"net.lrn_k", "1"}}, "net.lrn = \"on\""},
      {"alexnet", "cs231n", {{"net.lrn_maps", "all"}}, "net.towers = \"two\""},
      {"vgg", "D", {{"net.lrn_alpha", "0.1"}}, "net.lrn = \"on\""},
      {"vgg", "A", {{"net.lrn_reading", "literal"}}, "net.lrn = \"on\""},
      {"alexnet", "paper", {{"net.dropout", "0"}, {"net.dropout_place", "before"}}, "net.dropout"},
      {"vgg",
       "A",
       {{"net.dropout", "0"}, {"net.dropout_scaling", "vanilla"}},
       "net.dropout above 0"},
      {"alexnet", "paper", {{"train.init", "he"}, {"net.deviation", "0.02"}}, "train.init"},
      {"alexnet", "paper", {{"train.init", "glorot"}, {"net.bias", "0.5"}}, "train.init"},
      {"alexnet", "owt", {{"net.deviation_conv345", "0.02"}}, "train.init = \"normal\""},
      {"alexnet", "owt", {{"net.deviation_fc67", "0.02"}}, "train.init = \"normal\""},
      {"vgg", "E", {{"train.init", "glorot"}, {"net.deviation", "0.02"}}, "train.init"},
      {"alexnet", "paper", {{"train.margin", "2"}}, "train.loss = \"hinge\""},
      {"alexnet", "paper", {{"train.rate_log", "3:0.1"}}, "train.schedule = \"logged\""},
      {"alexnet", "paper", {{"train.schedule_epochs", "3"}}, "train.schedule = \"steps\""},
      {"alexnet", "owt", {{"train.patience", "3"}}, "train.schedule = \"plateau\""},
      {"alexnet", "paper", {{"train.every", "3"}}, "train.schedule = \"every\""},
      {"lenet5", "modern", {{"train.power", "1"}}, "train.schedule = \"inverse\""},
      {"lenet5", "caffe", {{"train.factor", "0.5"}}, "train.schedule = \"plateau\""},
      {"alexnet", "paper", {{"train.damping", "1"}}, "train.rule = \"diagonal-lm\""},
      {"alexnet", "paper", {{"train.curvature_images", "9"}}, "train.rule = \"diagonal-lm\""},
      {"lenet5", "modern", with_lm("train.form", "nesterov"), "train.rule = \"sgd\""},
      {"lenet5", "modern", with_lm("train.layer_decays", "c1=2"), "train.rule = \"sgd\""},
      {"alexnet", "paper", {{"train.momentum", "0"}, {"train.form", "pytorch"}}, "train.momentum"},
      {"alexnet", "paper", {{"train.decay", "0"}, {"train.bias_decay", "1"}}, "train.decay"},
      {"alexnet",
       "paper",
       {{"run.checkpoint_every", "0"}, {"run.keep_checkpoints", "5"}},
       "run.checkpoint_every above 0"},
      {"alexnet", "paper", {{"run.dump_steps", "9"}}, "run.dump"}};
  for (const Row& row : rows) {
    CAPTURE(row.net, row.variant, row.sets.back().first);
    CHECK_THROWS_WITH(check_heard_with(row.net, row.variant, row.sets),
                      Contains(row.sets.back().first + " = ") &&
                          Contains("changes nothing here, it needs") && Contains(row.needs));
  }
}

TEST_CASE("a key that does something, or says what is so anyway, is taken", "[nodes][options]") {
  struct Row {
    std::string net, variant;
    Sets sets;
  };
  const std::vector<Row> rows = {
      {"alexnet", "owt", {{"net.lrn", "off"}}},
      {"alexnet", "owt", {{"net.block1", "relu-lrn-pool"}, {"net.lrn_k", "1"}}},
      {"alexnet", "owt", {{"net.deviation", "0.02"}, {"net.deviation_fc67", "0.03"}}},
      {"alexnet", "owt", {{"net.bias", "0.1"}}},
      {"alexnet", "owt", {{"train.momentum", "0"}}},           // form is the variant's own
      {"alexnet", "owt", {{"train.schedule", "constant"}}},    // and so are the epochs
      {"alexnet", "run145", {{"train.schedule", "plateau"}}},  // and the log
      {"lenet5", "caffe", {{"train.decay", "0"}}},             // and the biases' decay
      {"vgg", "D", {{"net.lrn", "on"}, {"net.lrn_size", "3"}}},
      {"alexnet", "paper", {{"train.loss", "hinge"}, {"train.margin", "2"}}},
      {"alexnet", "paper", {{"train.decay", "0"}, {"train.l1", "0.1"}, {"train.bias_decay", "1"}}}};
  for (const Row& row : rows) {
    CAPTURE(row.net, row.variant, row.sets.front().first);
    CHECK_NOTHROW(check_heard_with(row.net, row.variant, row.sets));
  }
}

TEST_CASE("a key of a schedule does something if it does between any two amendments",
          "[nodes][options]") {
  io::Recipe recipe = default_recipe("alexnet", "paper");
  recipe.set("train.patience", "3");
  recipe.amend(100, "train.schedule", "steps");
  recipe.amend(100, "train.schedule_epochs", "5");
  const Net net = make_net(recipe, 10);
  CHECK_NOTHROW(check_heard(recipe, net));
  recipe.amend(200, "train.gamma", "0.5");
  CHECK_THROWS_WITH(check_heard(recipe, net), Contains("train.gamma = 0.5") && Contains("inverse"));
}

TEST_CASE("numbers in a file and on the command line mean the same", "[nodes][options]") {
  io::Recipe recipe = default_recipe("alexnet", "paper");
  recipe.load_text("[net]\ndropout = 0.25\nlrn_size = 3\n", "test");  // as files of before say it
  const Net net = make_net(recipe, 20);
  CHECK(std::get<Dropout>(layer(net, "drop6").spec).drop == 0.25);
  CHECK(std::get<Lrn>(layer(net, "norm1").spec).size == 3);
  io::Recipe again = default_recipe("alexnet", "paper");
  again.load_text(recipe.to_toml(), "again");
  CHECK(io::recipe_differences(recipe, again).empty());
  CHECK_THROWS_WITH(recipe.load_text("[net]\ndropout = 2.5\n", "test"), Contains("0 to 0.99"));
}

TEST_CASE("every variant's recipe is complete, makes its net and comes back from its text",
          "[nodes][options]") {
  for (const char* net : {"alexnet", "vgg", "lenet5"}) {
    for (const std::string& variant : net_variants(net)) {
      CAPTURE(net, variant);
      const io::Recipe recipe = default_recipe(net, variant);
      const Net made = make_net(recipe, 10);
      CHECK(made.variant == variant);
      io::Recipe again;
      again.load_text(recipe.to_toml(), "again");
      CHECK(io::recipe_differences(recipe, again).empty());
      CHECK_NOTHROW(check_heard(again, made));  // it lists all keys
      // What a recipe says of biases is what the variant's own net says.
      const Net own =
          net == std::string("alexnet") ? alexnet({.variant = variant, .classes = 10}) : made;
      for (std::size_t i = 0; i < made.layers.size(); ++i) {
        if (own.layers[i].file_name.empty()) continue;
        CHECK(made.layers[i].learning.bias_rate == own.layers[i].learning.bias_rate);
      }
    }
    CHECK_THROWS_WITH(default_recipe(net, "poster"), Contains("no variant 'poster'; valid: "));
  }
}

TEST_CASE("variants decide input and training", "[nodes][options]") {
  const io::Recipe caffe = default_recipe("alexnet", "caffe");
  CHECK(caffe.integer("train.batch") == 256);
  CHECK(caffe.text("train.schedule") == "every");
  CHECK(caffe.real("train.bias_rate") == 2.0);
  const io::Recipe owt = default_recipe("alexnet", "owt");
  CHECK(owt.text("train.form") == "pytorch");
  CHECK(owt.text("train.schedule_epochs") == "30,60");
  const io::Recipe vgg = default_recipe("vgg", "D");
  CHECK(vgg.integer("train.epochs") == 74);
  CHECK(vgg.integer("train.batch") == 256);
  const io::Recipe paper = default_recipe("alexnet", "paper");
  CHECK(paper.integer("train.batch") == 128);
  CHECK(paper.text("train.schedule") == "plateau");
  const io::Recipe original = default_recipe("lenet5", "1998");
  CHECK(original.text("train.rule") == "diagonal-lm");
  CHECK(original.integer("train.epochs") == 20);
  CHECK(default_recipe("lenet5", "caffe").integer("train.steps") == 10'000);
  CHECK(default_recipe("lenet5", "modern").integer("train.epochs") == 12);
}

// The value of a node's parameter.
io::RecipeValue parameter(const io::Recipe& recipe, const std::string& node,
                          const std::string& name) {
  for (const io::ChainEntry& entry : recipe.augment) {
    for (const auto& [key, value] : entry.parameters) {
      if (entry.name == node && key == name) return value;
    }
  }
  FAIL("no " << node << "." << name);
  return {};
}

bool uses(const io::Recipe& recipe, const std::string& node) {
  for (const io::ChainEntry& entry : recipe.augment) {
    if (entry.name == node) return entry.use;
  }
  return false;
}

TEST_CASE("variants decide the chain", "[nodes][options]") {
  const auto mean = [](const io::Recipe& recipe) {
    return std::get<std::string>(parameter(recipe, "mean", "from"));
  };
  const io::Recipe paper = default_recipe("alexnet", "paper");
  CHECK(mean(paper) == "image");
  CHECK(uses(paper, "centre-crop"));
  const io::Recipe cs231n = default_recipe("alexnet", "cs231n");
  CHECK(mean(cs231n) == "rgb");
  CHECK_FALSE(uses(cs231n, "centre-crop"));
  CHECK(parameter(cs231n, "random-crop", "side") == io::RecipeValue(std::int64_t{227}));
  const io::Recipe vgg = default_recipe("vgg", "E");
  CHECK(mean(vgg) == "rgb");
  CHECK_FALSE(uses(vgg, "centre-crop"));
  const io::Recipe caffe = default_recipe("alexnet", "caffenet");
  CHECK(parameter(caffe, "pca-colour", "sigma") == io::RecipeValue(std::int64_t{0}));
  const io::Recipe run145 = default_recipe("alexnet", "run145");
  CHECK(parameter(run145, "scale", "divisor") == io::RecipeValue(1.1));
  CHECK(parameter(run145, "scale", "when") == io::RecipeValue(std::string("training")));
  CHECK(parameter(run145, "random-crop", "group") == io::RecipeValue(std::int64_t{32}));
  CHECK(parameter(run145, "flip", "group") == io::RecipeValue(std::int64_t{32}));
  CHECK(parameter(run145, "pca-colour", "until") == io::RecipeValue(std::int64_t{67}));
  CHECK(parameter(default_recipe("alexnet", "owt"), "scale", "by") ==
        io::RecipeValue(std::string("deviation")));
  CHECK_FALSE(default_recipe("lenet5", "1998").augment.empty());
}

TEST_CASE("every variant's chain can be built and ends at its net's side", "[nodes][options]") {
  for (const char* net : {"alexnet", "vgg", "lenet5"}) {
    for (const std::string& variant : net_variants(net)) {
      CAPTURE(net, variant);
      const io::Recipe recipe = default_recipe(net, variant);
      Statistics statistics{.images = 1};
      for (std::size_t i = 0; i < 3; ++i) statistics.covariance[i][i] = 1.0;
      statistics.mean_extent = {256, 256};
      statistics.mean_image.assign(256 * 256 * 3, 0.0F);
      CHECK_FALSE(make_chain(recipe.augment, statistics).empty());
      const bool digits = net == std::string("lenet5");
      CHECK_NOTHROW(check_chain_ends_at(recipe.augment, make_net(recipe, 10).side,
                                        digits ? std::optional(Extent{28, 28}) : std::nullopt));
    }
  }
}

TEST_CASE("train.init goes over any variant's start", "[nodes][options]") {
  const Net he = with("lenet5", "1998", "train.init", "he");
  CHECK(layer(he, "c3").start.weights == Start::Weights::he_normal);
  CHECK(layer(he, "c3").start.biases == Start::Biases::constant);
  const Net normal = with("vgg", "E", "train.init", "normal");
  CHECK(layer(normal, "conv1_1").start.weights == Start::Weights::normal);
  CHECK(layer(normal, "conv1_1").start.deviation == 0.01);
  CHECK(layer(with("alexnet", "owt", "train.init", "normal"), "fc6").start.biases ==
        Start::Biases::constant);
  CHECK(layer(with("alexnet", "paper", "train.init", "normal"), "fc6").start.bias == 1.0);
}

}  // namespace
}  // namespace sluice::nodes
