#include "nodes/run/net_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "nodes/nets/alexnet.h"
#include "nodes/nets/lenet.h"
#include "nodes/nets/vgg.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr std::string_view kVariant = "variant";

template <class T>
using Words = std::initializer_list<std::pair<std::string_view, T>>;

// The word's meaning; none for "variant". Other words were refused when the key was set.
template <class T>
std::optional<T> choice(const io::Recipe& recipe, std::string_view key, Words<T> words) {
  const std::string& text = recipe.text(key);
  for (const auto& [word, value] : words)
    if (word == text) return value;
  return std::nullopt;
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> real(const io::Recipe& recipe, std::string_view key) {
  return parsed<double>(recipe.text(key));
}

std::optional<int> whole(const io::Recipe& recipe, std::string_view key) {
  const std::string& text = recipe.text(key);
  if (text == kVariant) return std::nullopt;
  const auto value = parsed<int>(text);
  require(value.has_value(), "{} = '{}' is not a whole number; valid: {}", key, text,
          io::find_recipe_key(key).valid);
  return value;
}

// Whole numbers with commas between them, each from `least` on; empty when the text is no such.
std::vector<int> numbers(std::string_view text, int least) {
  std::vector<int> all;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto value = parsed<int>(text.substr(0, comma));
    if (!value || *value < least || *value > 65536) return {};
    all.push_back(*value);
    if (comma == std::string_view::npos) return all;
    text.remove_prefix(comma + 1);
  }
}

std::optional<Padding> padding(const io::Recipe& recipe) {
  const std::string& text = recipe.text("net.conv1_padding");
  if (text == kVariant) return std::nullopt;
  const std::vector<int> zeros = numbers(text, 0);
  require(zeros.size() == 1 || zeros.size() == 2,
          "net.conv1_padding = '{}' is not known; valid: variant, a number as in 2, or two as in "
          "0,3",
          text);
  return Padding{zeros.front(), zeros.back()};
}

std::optional<std::array<int, 5>> maps(const io::Recipe& recipe) {
  const std::string& text = recipe.text("net.maps");
  if (text == kVariant) return std::nullopt;
  const std::vector<int> given = numbers(text, 1);
  std::array<int, 5> five{};
  require(given.size() == five.size(),
          "net.maps = '{}' is not known; valid: variant, or five numbers as in 64,192,384,256,256",
          text);
  std::copy(given.begin(), given.end(), five.begin());
  return five;
}

std::optional<Activation> activation(const io::Recipe& recipe) {
  return choice<Activation>(recipe, "net.activation",
                            {{"relu", Activation::relu}, {"tanh", Activation::tanh}});
}

std::optional<Dropout::Scaling> scaling(const io::Recipe& recipe) {
  return choice<Dropout::Scaling>(
      recipe, "net.dropout_scaling",
      {{"vanilla", Dropout::Scaling::vanilla}, {"inverted", Dropout::Scaling::inverted}});
}

LrnCells lrn(const io::Recipe& recipe) {
  return {.use = choice<Switch>(recipe, "net.lrn", {{"on", Switch::on}, {"off", Switch::off}}),
          .size = whole(recipe, "net.lrn_size"),
          .alpha = real(recipe, "net.lrn_alpha"),
          .beta = real(recipe, "net.lrn_beta"),
          .k = real(recipe, "net.lrn_k"),
          .reading = choice<Lrn::Alpha>(
              recipe, "net.lrn_reading",
              {{"window", Lrn::Alpha::window}, {"literal", Lrn::Alpha::literal}})};
}

StartCells start(const io::Recipe& recipe) {
  return {.deviation = real(recipe, "net.deviation"), .bias = real(recipe, "net.bias")};
}

std::optional<AlexNetOptions::Block> block(const io::Recipe& recipe, std::string_view key) {
  using Block = AlexNetOptions::Block;
  return choice<Block>(recipe, key,
                       {{"relu-lrn-pool", Block::relu_lrn_pool},
                        {"relu-lrn-same-map-pool", Block::relu_lrn_same_map_pool},
                        {"lrn-pool-relu", Block::lrn_pool_relu},
                        {"relu-pool-lrn", Block::relu_pool_lrn},
                        {"relu-pool", Block::relu_pool}});
}

std::optional<AlexNetOptions::Towers> towers(const io::Recipe& recipe) {
  using Towers = AlexNetOptions::Towers;
  return choice<Towers>(recipe, "net.towers",
                        {{"two", Towers::two},
                         {"one", Towers::one},
                         {"half", Towers::half},
                         {"half-narrow", Towers::half_narrow}});
}

AlexNetOptions alexnet_options(const io::Recipe& recipe, int classes) {
  using Options = AlexNetOptions;
  return {.variant = recipe.text("net.variant"),
          .classes = classes,
          .width = recipe.real("net.width"),
          .side = whole(recipe, "net.side"),
          .conv1_pad = padding(recipe),
          .maps = maps(recipe),
          .conv6 = whole(recipe, "net.conv6"),
          .towers = towers(recipe),
          .block1 = block(recipe, "net.block1"),
          .block2 = block(recipe, "net.block2"),
          .lrn = lrn(recipe),
          .lrn_maps = choice<Options::LrnMaps>(
              recipe, "net.lrn_maps",
              {{"tower", Options::LrnMaps::tower}, {"all", Options::LrnMaps::all}}),
          .activation = activation(recipe),
          .pooling = choice<Options::Pooling>(
              recipe, "net.pooling",
              {{"overlapping", Options::Pooling::overlapping}, {"apart", Options::Pooling::apart}}),
          .drop = real(recipe, "net.dropout"),
          .scaling = scaling(recipe),
          .dropout_place = choice<Options::DropoutPlace>(
              recipe, "net.dropout_place",
              {{"after", Options::DropoutPlace::after}, {"before", Options::DropoutPlace::before}}),
          .start = start(recipe),
          .deviation_conv345 = real(recipe, "net.deviation_conv345"),
          .deviation_fc67 = real(recipe, "net.deviation_fc67")};
}

VggOptions vgg_options(const io::Recipe& recipe, int classes) {
  return {.variant = recipe.text("net.variant"),
          .classes = classes,
          .width = recipe.real("net.width"),
          .side = whole(recipe, "net.side"),
          .lrn = lrn(recipe),
          .activation = activation(recipe),
          .drop = real(recipe, "net.dropout"),
          .scaling = scaling(recipe),
          .start = start(recipe)};
}

// Whether a net has the choice that a key is about.
bool takes(std::string_view net, std::string_view key) {
  static const std::set<std::string_view> kVgg = {
      "net.side",      "net.activation", "net.lrn",       "net.lrn_size",
      "net.lrn_alpha", "net.lrn_beta",   "net.lrn_k",     "net.lrn_reading",
      "net.dropout",   "net.bias",       "net.deviation", "net.dropout_scaling"};
  if (net == "lenet5") return key == "net.garbage";
  if (net == "vgg") return kVgg.contains(key);
  return key != "net.garbage";
}

void check_choices(const io::Recipe& recipe) {
  const std::string& net = recipe.text("net.name");
  for (const io::RecipeKey& key : io::recipe_keys()) {
    const bool is_choice = key.key.starts_with("net.") && key.default_value == kVariant;
    if (!is_choice || takes(net, key.key)) continue;
    require(recipe.text(key.key) == kVariant, "{} = '{}': {} has no such choice; valid: variant",
            key.key, recipe.text(key.key), net);
  }
}

Net variant_net(const io::Recipe& recipe, int classes) {
  const std::string& name = recipe.text("net.name");
  if (name == "vgg") return vgg(vgg_options(recipe, classes));
  if (name == "lenet5") {
    return lenet({.variant = recipe.text("net.variant"),
                  .classes = classes,
                  .width = recipe.real("net.width"),
                  .garbage = real(recipe, "net.garbage")});
  }
  return alexnet(alexnet_options(recipe, classes));
}

void set_start(const io::Recipe& recipe, Net& net) {
  const std::string& init = recipe.text("train.init");
  for (Layer& layer : net.layers) {
    Start& start = layer.start;
    if (init == "glorot") start = {.weights = Start::Weights::glorot_uniform};
    if (init == "he") start = {.weights = Start::Weights::he_normal};
    if (init == "normal") {
      start.weights = Start::Weights::normal;
      start.biases = Start::Biases::constant;
    }
  }
}

}  // namespace

std::vector<std::string> net_variants(std::string_view net) {
  if (net == "alexnet") return alexnet_variants();
  if (net == "vgg") return vgg_variants();
  require(net == "lenet5", "no net is named '{}'; valid: alexnet, vgg, lenet5", net);
  return lenet_variants();
}

std::string default_variant(std::string_view net) {
  if (net == "vgg") return "A";
  return net == "lenet5" ? "modern" : "paper";
}

Net net_from(const io::Recipe& recipe, int classes) {
  check_choices(recipe);
  Net net = variant_net(recipe, classes);
  set_start(recipe, net);
  infer_shapes(net);  // throws what does not fit
  return net;
}

}  // namespace sluice::nodes
