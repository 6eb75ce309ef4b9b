#include "nodes/run/start_weights.h"

#include "io/weights.h"
#include "nodes/nets/alexnet.h"
#include "nodes/nets/vgg.h"
#include "nodes/run/setup.h"
#include "runtime/error.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

// Narrow nets on small images: shapes fit or not as those of the wide ones do.
io::Recipe small_recipe(const std::string& net, const std::string& variant, int classes) {
  io::Recipe recipe = default_recipe(net, variant);
  recipe.set("net.width", "0.02");
  recipe.set("net.side", net == "vgg" ? "32" : "67");
  recipe.set("net.classes", std::to_string(classes));
  return recipe;
}

Net small_net(const std::string& net, const std::string& variant, int classes) {
  return make_net(small_recipe(net, variant, classes), classes);
}

void write(const std::filesystem::path& file, const std::string& net, const std::string& variant,
           int classes) {
  const Net made = small_net(net, variant, classes);
  io::write_weights(file, made, NetState(made, 99),
                    {.net = net,
                     .variant = variant,
                     .classes = Names(static_cast<std::size_t>(classes), "x"),
                     .input_chain = "",
                     .statistics = {},
                     .recipe = small_recipe(net, variant, classes).to_toml()});
}

std::vector<float> values_of(const Net& net, const NetState& state, const std::string& layer) {
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    if (net.layers[state.parameters()[i].info.layer].name == layer) return state.read(i);
  }
  FAIL("no layer " << layer);
  return {};
}

std::vector<std::vector<float>> all_values(const NetState& state) {
  std::vector<std::vector<float>> values;
  for (std::size_t i = 0; i < state.parameters().size(); ++i) values.push_back(state.read(i));
  return values;
}

TEST_CASE("a deeper VGG takes seven layers of A by their names", "[nodes][start]") {
  const io::test::TempFolder folder;
  write(folder / "a", "vgg", "A", 5);
  const Net a = small_net("vgg", "A", 5);
  const NetState donor(a, 99);
  for (const char* variant : {"A-LRN", "B", "C", "D", "E"}) {
    CAPTURE(variant);
    const Net net = small_net("vgg", variant, 5);
    NetState state(net, 1);
    const NetState fresh(net, 1);
    CHECK(start_from({folder / "a", StartLayers::config_a}, net, state) ==
          Names{"conv1_1", "conv2_1", "conv3_1", "conv3_2", "fc6", "fc7", "fc8"});
    for (const char* name : {"conv1_1", "conv2_1", "conv3_1", "conv3_2", "fc6", "fc7", "fc8"})
      CHECK(values_of(net, state, name) == values_of(a, donor, name));
    for (const char* name : {"conv4_1", "conv5_2"})
      CHECK(values_of(net, state, name) == values_of(net, fresh, name));
  }
}

TEST_CASE("from A to other classes the last layer starts anew", "[nodes][start]") {
  const io::test::TempFolder folder;
  write(folder / "a", "vgg", "A", 5);
  const Net net = small_net("vgg", "D", 7);
  NetState state(net, 1);
  const NetState fresh(net, 1);
  CHECK(start_from({folder / "a", StartLayers::config_a}, net, state) ==
        Names{"conv1_1", "conv2_1", "conv3_1", "conv3_2", "fc6", "fc7"});
  CHECK(values_of(net, state, "fc8") == values_of(net, fresh, "fc8"));
}

TEST_CASE("all layers come from a net of the same shapes", "[nodes][start]") {
  const io::test::TempFolder folder;
  write(folder / "w", "alexnet", "paper", 5);
  const NetState donor(small_net("alexnet", "paper", 5), 99);
  // Another variant has other names in files; layers are what they are.
  for (const char* variant : {"paper", "run145"}) {
    const Net net = small_net("alexnet", variant, 5);
    NetState state(net, 1);
    CHECK(start_from({folder / "w", StartLayers::all}, net, state).size() == 8);
    CHECK(all_values(state) == all_values(donor));
  }
}

TEST_CASE("a new head leaves the last layer as it started", "[nodes][start]") {
  const io::test::TempFolder folder;
  write(folder / "w", "alexnet", "paper", 5);
  const Net net = small_net("alexnet", "paper", 9);
  NetState state(net, 1);
  const NetState fresh(net, 1);
  CHECK(start_from({folder / "w", StartLayers::body}, net, state) ==
        Names{"conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"});
  CHECK(values_of(net, state, "fc8") == values_of(net, fresh, "fc8"));
  CHECK(values_of(net, state, "conv1") != values_of(net, fresh, "conv1"));
}

TEST_CASE("files of somebody else serve by the names in them", "[nodes][start]") {
  const io::test::TempFolder folder;
  const Net a = small_net("vgg", "A", 5);
  const NetState donor(a, 99);
  std::vector<std::vector<float>> values = all_values(donor);
  std::vector<io::NamedTensor> tensors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParameterInfo& info = donor.parameters()[i].info;
    tensors.push_back({info.file_name, {info.shape, values[i]}});
  }
  io::write_safetensors(folder / "a", tensors, {});
  const Net net = small_net("vgg", "D", 5);
  NetState state(net, 1);
  start_from({folder / "a", StartLayers::config_a}, net, state);
  CHECK(values_of(net, state, "conv3_2") == values_of(a, donor, "conv3_2"));
  CHECK(values_of(net, state, "fc7") == values_of(a, donor, "fc7"));
}

TEST_CASE("what does not fit names the layer and both shapes and changes nothing",
          "[nodes][start]") {
  const io::test::TempFolder folder;
  write(folder / "a", "vgg", "A", 5);
  write(folder / "b", "vgg", "B", 5);
  write(folder / "x", "alexnet", "paper", 5);
  const auto refused = [&](const char* file, StartLayers layers, const Net& net) {
    NetState state(net, 1);
    const auto before = all_values(state);
    std::string message;
    try {
      start_from({folder / file, layers}, net, state);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      message = error.what();
    }
    CHECK(all_values(state) == before);
    return message;
  };
  const Net b = small_net("vgg", "B", 5);
  CHECK_THAT(refused("a", StartLayers::all, b),
             Contains("has no weights of layer conv1_2, vgg 'B' needs"));
  CHECK_THAT(refused("b", StartLayers::config_a, b), Contains("holds vgg 'B'"));
  CHECK_THAT(refused("x", StartLayers::all, b), Contains("holds alexnet 'paper'"));
  CHECK_THAT(refused("x", StartLayers::config_a, small_net("alexnet", "paper", 5)),
             Contains("only vgg"));
  CHECK_THAT(refused("a", StartLayers::all, small_net("vgg", "A", 6)),
             Contains("weights of layer fc8") && Contains("5x82") && Contains("6x82"));
  CHECK_THAT(refused("a", StartLayers::config_a, small_net("vgg", "B-5x5", 5)),
             Contains("layer conv1_1") && Contains("1x3x3x3") && Contains("1x3x5x5"));
  CHECK_THAT(refused("b", StartLayers::all, small_net("vgg", "A", 5)),
             Contains("features.") && Contains("vgg 'A' does not have"));
  CHECK_THAT(refused("missing", StartLayers::all, b), Contains("missing"));
}

TEST_CASE("a recipe says where to start from", "[nodes][start]") {
  io::Recipe recipe = default_recipe("vgg", "D");
  CHECK(start_from_recipe(recipe).file.empty());
  recipe.set("train.from", "w.safetensors");
  CHECK(start_from_recipe(recipe).layers == StartLayers::all);
  recipe.set("train.from_layers", "config-a");
  CHECK(start_from_recipe(recipe).layers == StartLayers::config_a);
  recipe.set("train.from_layers", "body");
  CHECK(start_from_recipe(recipe).layers == StartLayers::body);
  CHECK(start_from_recipe(recipe).file == "w.safetensors");
}

}  // namespace
}  // namespace sluice::nodes
