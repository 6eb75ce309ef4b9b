#include "tests/support/layer_cases.h"

#include <algorithm>
#include <utility>

#include "runtime/error.h"
#include "runtime/random.h"

namespace sluice::test {
namespace {

constexpr int kClasses = 4;

// What reaches the layer under test.
struct Input {
  int channels = 3;
  int side = 7;
};

Start wide(double bias) { return {.deviation = 0.3, .bias = bias}; }

Net net_of(Input input, std::vector<Layer> layers) {
  return {
      .name = "case", .channels = input.channels, .side = input.side, .layers = std::move(layers)};
}

Net with_loss(Input input, std::vector<Layer> layers, const LayerSpec& loss = SoftmaxLoss{}) {
  layers.push_back({"scores", FullyConnected{kClasses}, wide(0.1), "scores"});
  layers.push_back({"loss", loss, {}, ""});
  return net_of(input, std::move(layers));
}

LayerCase one_layer(std::string name, Input input, const LayerSpec& spec) {
  return {.name = std::move(name),
          .net = with_loss(input, {{"subject", spec, wide(0.2), "subject"}}),
          .batch = 3};
}

void add_convolutions(std::vector<LayerCase>& cases) {
  cases.push_back(
      one_layer("convolution without padding", {3, 7}, Conv2d{.out_channels = 4, .kernel = 3}));
  cases.push_back(one_layer("convolution 5x5 with padding", {2, 7},
                            Conv2d{.out_channels = 3, .kernel = 5, .pad = {2, 2}}));
  cases.push_back(one_layer("convolution 11x11 with stride 4 and zeros at the far edge only",
                            {3, 20},
                            Conv2d{.out_channels = 2, .kernel = 11, .stride = 4, .pad = {0, 3}}));
  cases.push_back(one_layer("convolution whose stride leaves a remainder", {3, 8},
                            Conv2d{.out_channels = 2, .kernel = 3, .stride = 2}));
  cases.push_back(one_layer("convolution in two groups", {4, 5},
                            Conv2d{.out_channels = 6, .kernel = 3, .pad = {1, 1}, .groups = 2}));
  cases.push_back(one_layer("convolution 1x1", {5, 3}, Conv2d{.out_channels = 3, .kernel = 1}));
  cases.push_back(one_layer("convolution by a table of connections", {4, 6},
                            PartialConv2d{.kernel = 3, .sees = {{0, 1}, {1, 2, 3}, {3}, {0, 3}}}));
  cases.push_back(one_layer("convolution by a table, over the whole plane", {3, 3},
                            PartialConv2d{.kernel = 3, .sees = {{0, 1, 2}, {2}}}));
}

void add_normalisations(std::vector<LayerCase>& cases) {
  cases.push_back(one_layer("lrn with the paper's constants", {7, 3}, Lrn{}));
  cases.push_back(one_layer("lrn strong enough to matter", {7, 3}, Lrn{.alpha = 2.0, .k = 1.0}));
  cases.push_back(one_layer("lrn with alpha taken literally", {6, 3},
                            Lrn{.alpha = 0.5, .reading = Lrn::Alpha::literal}));
  cases.push_back(one_layer("lrn in two towers", {8, 3}, Lrn{.alpha = 2.0, .k = 1.0, .towers = 2}));
  cases.push_back(one_layer("lrn with a window wider than the maps", {3, 3},
                            Lrn{.size = 9, .alpha = 2.0, .beta = 0.5, .k = 1.0}));
  cases.push_back(one_layer("same-map lrn with the authors' constants", {3, 7}, SameMapLrn{}));
  cases.push_back(one_layer("same-map lrn strong enough to matter", {2, 6},
                            SameMapLrn{.size = 3, .alpha = 20.0, .k = 2.0}));
  cases.push_back(one_layer("same-map lrn with a window wider than the plane", {2, 3},
                            SameMapLrn{.size = 7, .alpha = 30.0, .beta = 0.5}));
}

void add_pools(std::vector<LayerCase>& cases) {
  cases.push_back(one_layer("overlapping max-pool", {3, 7}, MaxPool{.kernel = 3, .stride = 2}));
  cases.push_back(one_layer("max-pool over an even plane whose last windows hang over the edge",
                            {2, 8}, MaxPool{.kernel = 3, .stride = 2}));
  cases.push_back(one_layer("max-pool 2x2 over an odd plane", {2, 5}, MaxPool{}));
  cases.push_back(one_layer("max-pool with gaps between its windows", {2, 7},
                            MaxPool{.kernel = 2, .stride = 3}));
  cases.push_back(
      one_layer("max-pool that leaves out the windows over the edge", {2, 8},
                MaxPool{.kernel = 3, .stride = 2, .rounding = MaxPool::Rounding::down}));
  cases.push_back(one_layer("max-pool 2x2 without the odd plane's last pixels", {2, 5},
                            MaxPool{.rounding = MaxPool::Rounding::down}));
  cases.push_back(one_layer("subsampling 2x2", {3, 6}, Subsample{}));
  cases.push_back(one_layer("subsampling 3x3", {2, 6}, Subsample{.side = 3}));
  cases.push_back(one_layer("subsampling of the whole plane", {5, 4}, Subsample{.side = 4}));
}

void add_flat_layers(std::vector<LayerCase>& cases) {
  cases.push_back(one_layer("relu on planes", {3, 5}, Relu{}));
  cases.push_back(one_layer("tanh on planes", {3, 5}, Tanh{}));
  cases.push_back(one_layer("tanh with LeNet's constants", {2, 5},
                            Tanh{.amplitude = 1.7159, .slope = 2.0 / 3.0}));
  cases.push_back(one_layer("fully connected on planes", {3, 3}, FullyConnected{5}));
  cases.push_back({.name = "relu and fully connected on features",
                   .net = with_loss({3, 3}, {{"first", FullyConnected{7}, wide(0.3), "first"},
                                             {"relu", Relu{}, {}, ""},
                                             {"second", FullyConnected{5}, wide(0.1), "second"}}),
                   .batch = 3});
  cases.push_back(one_layer("dropout that leaves the kept units as they are", {3, 5}, Dropout{}));
  cases.push_back(one_layer("dropout that scales up the kept units", {2, 5},
                            Dropout{.drop = 0.25, .scaling = Dropout::Scaling::inverted}));
  cases.push_back(
      {.name = "fully connected and softmax-loss alone", .net = with_loss({1, 3}, {}), .batch = 3});
}

LayerCase loss_case(std::string name, Input input, const LayerSpec& loss) {
  return {.name = std::move(name), .net = with_loss(input, {}, loss), .batch = 3};
}

Rbf codes() {
  return {
      {{1, -1, 1, 1, -1, 1}, {-1, -1, 1, -1, 1, 1}, {1, 1, -1, 1, 1, -1}, {-1, 1, 1, 1, 1, -1}}};
}

Net with_codes(const LayerSpec& loss) {
  return net_of({2, 3}, {{"features", FullyConnected{6}, wide(0.1), "features"},
                         {"squash", Tanh{}, {}, ""},
                         {"codes", codes(), {}, ""},
                         {"loss", loss, {}, ""}});
}

void add_losses(std::vector<LayerCase>& cases) {
  cases.push_back(loss_case("hinge-loss", {1, 3}, HingeLoss{}));
  cases.push_back(
      loss_case("hinge-loss with every class within the margin", {2, 3}, HingeLoss{.margin = 9.0}));
  cases.push_back(loss_case("map-loss", {1, 3}, MapLoss{.garbage = 0.1}));
  cases.push_back(loss_case("map-loss whose garbage is likely", {2, 3}, MapLoss{.garbage = -3.0}));
  cases.push_back(
      {.name = "codes and map-loss", .net = with_codes(MapLoss{.garbage = 0.1}), .batch = 3});
  cases.push_back({.name = "codes and softmax-loss", .net = with_codes(SoftmaxLoss{}), .batch = 3});
  cases.push_back({.name = "codes and hinge-loss", .net = with_codes(HingeLoss{}), .batch = 3});
  for (const char* const name :
       {"fully connected and softmax-loss alone", "hinge-loss", "map-loss", "codes and map-loss"}) {
    LayerCase two = *std::ranges::find(cases, name, &LayerCase::name);
    two.name += ", rows of two labels";
    two.labels = Labels::two;
    cases.push_back(std::move(two));
  }
}

// Everything in LeNet-5's order.
Net small_lenet() {
  const Tanh squash{.amplitude = 1.7159, .slope = 2.0 / 3.0};
  return net_of({1, 14},
                {{"c1", Conv2d{.out_channels = 3, .kernel = 3}, wide(0.1), "c1"},
                 {"squash1", squash, {}, ""},
                 {"s2", Subsample{}, wide(0.1), "s2"},
                 {"squash2", squash, {}, ""},
                 {"c3", PartialConv2d{.kernel = 3, .sees = {{0, 1}, {1, 2}, {0, 1, 2}, {2}}},
                  wide(0.1), "c3"},
                 {"squash3", squash, {}, ""},
                 {"s4", Subsample{}, wide(0.1), "s4"},
                 {"squash4", squash, {}, ""},
                 {"c5", Conv2d{.out_channels = 9, .kernel = 2}, wide(0.1), "c5"},
                 {"squash5", squash, {}, ""},
                 {"f6", FullyConnected{6}, wide(0.1), "f6"},
                 {"squash6", squash, {}, ""},
                 {"codes", codes(), {}, ""},
                 {"loss", MapLoss{.garbage = 0.1}, {}, ""}});
}

// Everything in AlexNet's order.
Net small_alexnet() {
  return with_loss({3, 19},
                   {{"conv1", Conv2d{.out_channels = 4, .kernel = 5, .stride = 2, .pad = {0, 2}},
                     wide(0.1), "f0"},
                    {"relu1", Relu{}, {}, ""},
                    {"norm1", Lrn{.size = 3, .alpha = 0.5, .towers = 2}, {}, ""},
                    {"pool1", MaxPool{.kernel = 3, .stride = 2}, {}, ""},
                    {"conv2", Conv2d{.out_channels = 6, .kernel = 3, .pad = {1, 1}, .groups = 2},
                     wide(0.2), "f1"},
                    {"relu2", Relu{}, {}, ""},
                    {"fc6", FullyConnected{9}, wide(0.1), "c0"},
                    {"relu6", Relu{}, {}, ""},
                    {"drop6", Dropout{}, {}, ""}});
}

void add_batches(std::vector<LayerCase>& cases) {
  cases.push_back({.name = "a small LeNet", .net = small_lenet(), .batch = 3});
  cases.push_back({.name = "a small net", .net = small_alexnet(), .batch = 2});
  cases.push_back({.name = "a small net with one row", .net = small_alexnet(), .batch = 1});
  cases.push_back({.name = "a small net with rows that do not count",
                   .net = small_alexnet(),
                   .batch = 4,
                   .row_weights = {1, 0, 1, 0}});
}

// A permutation of 0 ... count - 1.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  Random random({.seed = seed, .stream = stream_id("test/rows")});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace

LayerCase layer_case(std::string_view name) {
  for (LayerCase& c : layer_cases()) {
    if (c.name == name) return std::move(c);
  }
  fail(ErrorKind::usage, "no layer case named {}", name);
}

std::vector<LayerCase> window_cases() {
  const auto windowed = [](Input input, int side, std::vector<Layer> head) {
    std::vector<Layer> layers{{"subject", Windows{side}, {}, ""}};
    for (Layer& layer : head) layers.push_back(std::move(layer));
    Net net = with_loss(input, std::move(layers));
    net.layers.insert(net.layers.end() - 1, {"mean", WindowMean{}, {}, ""});
    return net;
  };
  return {{.name = "windows of a plane, and their mean", .net = windowed({3, 5}, 3, {})},
          {.name = "one window that is the whole plane", .net = windowed({2, 4}, 4, {})},
          {.name = "windows of one pixel", .net = windowed({4, 3}, 1, {})},
          {.name = "windows with a hidden layer",
           .net = windowed({2, 6}, 4,
                           {{"hidden", FullyConnected{7}, wide(0.3), "hidden"},
                            {"relu", Relu{}, {}, ""},
                            {"drop", Dropout{.drop = 0.25}, {}, ""}}),
           .row_weights = {1, 0, 1}}};
}

std::vector<LayerCase> layer_cases() {
  std::vector<LayerCase> cases;
  add_convolutions(cases);
  add_normalisations(cases);
  add_pools(cases);
  add_flat_layers(cases);
  add_losses(cases);
  add_batches(cases);
  return cases;
}

StepInput CaseData::input() const {
  return {.rows = rows,
          .labels = labels,
          .row_weights = row_weights,
          .other_labels = other_labels,
          .other_shares = other_shares,
          .seed = 5,
          .step = 3,
          .first_row = 11,
          .rate = 0.01};
}

CaseData case_data(const LayerCase& c, std::uint64_t seed) {
  const auto batch = static_cast<std::size_t>(c.batch);
  const auto row = static_cast<std::size_t>(c.net.channels * c.net.side * c.net.side);
  // An even number of grid points, half a step off 0.
  const std::size_t points = (batch * row + 1) / 2 * 2;
  const std::vector<std::size_t> order = shuffled(points, seed);
  CaseData data;
  for (std::size_t i = 0; i < batch * row; ++i) {
    const double at = (static_cast<double>(order[i]) + 0.5) / static_cast<double>(points);
    data.rows.push_back(static_cast<float>(2.0 * at - 1.0));
  }
  for (std::size_t i = 0; i < batch; ++i) {
    data.labels.push_back(static_cast<std::int32_t>((i + seed) % kClasses));
  }
  data.row_weights = c.row_weights.empty() ? std::vector<float>(batch, 1.0F) : c.row_weights;
  if (c.labels == Labels::one) return data;
  constexpr float kShares[] = {0.3F, 0.0F, 1.0F, 0.75F};
  for (std::size_t i = 0; i < batch; ++i) {
    data.other_labels.push_back(static_cast<std::int32_t>((i + seed + 1) % kClasses));
    data.other_shares.push_back(kShares[i % 4]);
  }
  return data;
}

std::vector<float> canonical_rows(const LayerCase& c, std::span<const float> rows) {
  const auto channels = static_cast<std::size_t>(c.net.channels);
  const auto plane = static_cast<std::size_t>(c.net.side * c.net.side);
  std::vector<float> canonical;
  canonical.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size() / (channels * plane); ++row) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t pixel = 0; pixel < plane; ++pixel) {
        canonical.push_back(rows[(row * plane + pixel) * channels + channel]);
      }
    }
  }
  return canonical;
}

}  // namespace sluice::test
