#include "io/weights.h"

#include <limits>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::thrown;

namespace {

Net small_net() {
  Net net{.name = "tiny", .variant = "paper", .channels = 3, .side = 8, .layers = {}};
  net.layers.push_back({"conv1", Conv2d{.out_channels = 4, .kernel = 3}, {}, "features.0"});
  net.layers.push_back({"relu1", Relu{}, {}, ""});
  net.layers.push_back({"fc2", FullyConnected{.out_features = 2}, {}, "classifier.1"});
  net.layers.push_back({"loss", SoftmaxLoss{}, {}, ""});
  return net;
}

WeightsInfo small_info() {
  WeightsInfo info{.net = "tiny",
                   .variant = "paper",
                   .classes = {"a b", "100%", "caf\xE9"},
                   .input_chain = "[[chain]]\nnode = \"rescale\"  # \"quoted\"\n",
                   .statistics = {},
                   .recipe = "seed = 1\n"};
  info.statistics.images = 123456789;
  info.statistics.mean_rgb = {1.0 / 3, 123.675, 1e-300};
  info.statistics.covariance[0] = {1.1, -2.2, std::numeric_limits<double>::denorm_min()};
  info.statistics.mean_extent = {2, 1};
  info.statistics.mean_image = {1.5F, 2.5F, 3.5F, 4.5F, 5.5F, 0.1F};
  return info;
}

std::vector<std::vector<float>> values_of(const NetState& state) {
  std::vector<std::vector<float>> values;
  for (std::size_t i = 0; i < state.parameters().size(); ++i) values.push_back(state.read(i));
  return values;
}

}  // namespace

TEST_CASE("weights and all that goes with them come back exactly", "[io][weights]") {
  const TempFolder folder;
  const Net net = small_net();
  const NetState state(net, 1);
  write_weights(folder / "w", net, state, small_info());
  CHECK(read_weights_info(folder / "w") == small_info());
  NetState other(net, 2);
  REQUIRE(values_of(other) != values_of(state));
  read_weights(folder / "w", net, other);
  CHECK(values_of(other) == values_of(state));

  const SafetensorsFile file(folder / "w");
  CHECK(file.find("features.0.weight")->shape == Shape{4, 3, 3, 3});
  CHECK(file.find("classifier.1.bias")->shape == Shape{2});
  CHECK(file.find("statistics.mean_image")->shape == Shape{1, 2, 3});
  CHECK(file.metadata().at("format") == "pt");
}

TEST_CASE("statistics alone come back exactly, with and without a mean image", "[io][weights]") {
  const TempFolder folder;
  Statistics statistics = small_info().statistics;
  write_statistics(folder / "s", statistics);
  CHECK(read_statistics(folder / "s") == statistics);
  statistics.mean_image.clear();
  statistics.mean_extent = {};
  write_statistics(folder / "s", statistics);
  CHECK(read_statistics(folder / "s") == statistics);
}

TEST_CASE("weights of another net are refused and change nothing", "[io][weights]") {
  const TempFolder folder;
  const Net net = small_net();
  write_weights(folder / "w", net, NetState(net, 1), small_info());

  Net other = net;
  const auto error = [&](const std::filesystem::path& path) {
    NetState state(other, 5);
    const auto before = values_of(state);
    const std::string message = thrown([&] { read_weights(path, other, state); });
    CHECK(values_of(state) == before);
    return message;
  };
  const std::string w = "2: " + (folder / "w").string();
  SECTION("another name") {
    other.name = "large";
    CHECK(error(folder / "w") == w + " holds tiny 'paper', expected large 'paper'");
  }
  SECTION("another variant") {
    other.variant = "caffe";
    CHECK(error(folder / "w") == w + " holds tiny 'paper', expected tiny 'caffe'");
  }
  SECTION("another shape") {
    std::get<FullyConnected>(other.layers[2].spec).out_features = 5;
    CHECK(error(folder / "w") ==
          w + ": classifier.1.weight has shape 2x144, tiny 'paper' needs 5x144");
  }
  SECTION("a parameter more") {
    other.layers[0].file_name = "features.9";
    CHECK(error(folder / "w") ==
          w + " has no features.9.weight (4x3x3x3), which tiny 'paper' needs");
  }
  SECTION("a parameter less") {
    other.layers[2].file_name = "features.0";  // now nobody asks for classifier.1
    std::get<FullyConnected>(other.layers[2].spec).out_features = 2;
    other.layers[0].file_name = "classifier.1";
    CHECK_THAT(error(folder / "w"), Contains("has shape"));
    other = net;
    const std::vector<float> one{1.0F};
    std::vector<NamedTensor> tensors;
    const NetState state(net, 1);
    const auto values = values_of(state);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const ParameterInfo& info = state.parameters()[i].info;
      tensors.push_back({info.file_name, {info.shape, values[i]}});
    }
    tensors.push_back({"classifier.6.bias", {Shape{1}, one}});
    write_safetensors(folder / "more", tensors, {});
    CHECK_THAT(error(folder / "more"),
               Contains("has classifier.6.bias (1), which tiny 'paper' does not have"));
  }
}

TEST_CASE("a file without our metadata fills a net that fits and describes nothing",
          "[io][weights]") {
  const TempFolder folder;
  const Net net = small_net();
  const NetState state(net, 1);
  const auto values = values_of(state);
  std::vector<NamedTensor> tensors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParameterInfo& info = state.parameters()[i].info;
    tensors.push_back({info.file_name, {info.shape, values[i]}});
  }
  write_safetensors(folder / "foreign", tensors, {});
  NetState other(net, 2);
  read_weights(folder / "foreign", net, other);
  CHECK(values_of(other) == values);
  CHECK_THAT(thrown([&] { (void)read_weights_info(folder / "foreign"); }),
             Contains("has no metadata sluice.net; valid: a file that `train` wrote"));
}

TEST_CASE("metadata that cannot be are refused", "[io][weights]") {
  const TempFolder folder;
  const auto error = [&](const std::string& key, const std::string& value) {
    Metadata metadata{{"sluice.statistics.images", "[5]"},
                      {"sluice.statistics.mean_rgb", "[1,2,3]"},
                      {"sluice.statistics.covariance", "[1,2,3,4,5,6,7,8,9]"},
                      {"sluice.statistics.mean_extent", "[0,0]"}};
    metadata["sluice.statistics." + key] = value;
    write_safetensors(folder / "s", {}, metadata);
    return thrown([&] { (void)read_statistics(folder / "s"); });
  };
  CHECK(error("images", "[5]") == "nothing");
  CHECK_THAT(error("images", "five"), Contains("sluice.statistics.images is not a JSON list"));
  CHECK_THAT(error("images", "{\"a\":1}"), Contains("is not a flat JSON list"));
  CHECK_THAT(error("images", std::string(1'000'000, '[')), Contains("is not a flat JSON list"));
  std::string many = "[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  CHECK_THAT(error("images", many + "]"), Contains("of at most 100000 items"));
  CHECK_THAT(error("images", "[-1]"), Contains("valid: whole numbers"));
  CHECK_THAT(error("images", "[1.5]"), Contains("valid: whole numbers"));
  CHECK_THAT(error("mean_rgb", "[1,2]"), Contains("has 2 numbers, valid: 3"));
  CHECK_THAT(error("mean_rgb", "[1,2,\"x\"]"), Contains("no number"));
  CHECK_THAT(error("mean_extent", "[1,1e12]"), Contains("mean_extent holds"));

  const std::vector<float> image(12);
  const std::vector<NamedTensor> tensors{{"statistics.mean_image", {Shape{2, 2, 3}, image}}};
  write_safetensors(folder / "s", tensors,
                    {{"sluice.statistics.images", "[5]"},
                     {"sluice.statistics.mean_rgb", "[1,2,3]"},
                     {"sluice.statistics.covariance", "[1,2,3,4,5,6,7,8,9]"},
                     {"sluice.statistics.mean_extent", "[256,256]"}});
  CHECK_THAT(thrown([&] { (void)read_statistics(folder / "s"); }),
             Contains("statistics.mean_image has shape 2x2x3, its metadata say 256x256x3"));
}
