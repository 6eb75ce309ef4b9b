#include "nodes/nets/vgg.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace sluice::nodes {
namespace {

// Kernels of the convolutions of each block, in order; a pooling ends the block.
using Blocks = std::array<std::vector<int>, 5>;
constexpr std::array kMaps = {64, 128, 256, 512, 512};

Blocks blocks_of(const std::string& variant) {
  if (variant == "B") return {{{3, 3}, {3, 3}, {3, 3}, {3, 3}, {3, 3}}};
  if (variant == "C") return {{{3, 3}, {3, 3}, {3, 3, 1}, {3, 3, 1}, {3, 3, 1}}};
  if (variant == "D") return {{{3, 3}, {3, 3}, {3, 3, 3}, {3, 3, 3}, {3, 3, 3}}};
  if (variant == "E") return {{{3, 3}, {3, 3}, {3, 3, 3, 3}, {3, 3, 3, 3}, {3, 3, 3, 3}}};
  if (variant == "B-5x5") return {{{5}, {5}, {5}, {5}, {5}}};
  if (variant == "D-7x7") return {{{3, 3}, {3, 3}, {7}, {7}, {7}}};
  return {{{3}, {3}, {3, 3}, {3, 3}, {3, 3}}};
}

// A is shallow enough for N(0, 0.01); the deeper ones stall from it (FACTS 2.2).
StartCells start_of(const std::string& variant) {
  const bool shallow = variant == "A" || variant == "A-LRN";
  return {.weights = shallow ? Start::Weights::normal : Start::Weights::glorot_uniform,
          .deviation = 0.01,
          .biases = Start::Biases::constant,
          .bias = 0.0};
}

VggOptions with_defaults(VggOptions options) {
  check_variant("vgg", options.variant, vgg_variants());
  fall_back(options.side, std::optional(224));
  fall_back(options.lrn, {.use = options.variant == "A-LRN" ? Switch::on : Switch::off,
                          .size = 5,
                          .alpha = 1e-4,
                          .beta = 0.75,
                          .k = 2.0,
                          .reading = Lrn::Alpha::window});
  fall_back(options.activation, std::optional(Activation::relu));
  fall_back(options.drop, std::optional(0.5));
  fall_back(options.scaling, std::optional(Dropout::Scaling::inverted));
  fall_back(options.start, start_of(options.variant));
  return options;
}

Upbringing upbringing(const VggOptions& options) {
  const StartCells& start = options.start;
  return {.start = {.weights = *start.weights,
                    .deviation = *start.deviation,
                    .limit = 1.0,
                    .biases = *start.biases,
                    .bias = *start.bias},
          .learning = {}};
}

void add_block(LayerList& layers, const VggOptions& options, std::size_t block,
               const std::vector<int>& kernels) {
  int number = 0;
  for (const int kernel : kernels) {
    const std::string name = fmt::format("{}_{}", block + 1, ++number);
    layers.add("conv" + name,
               Conv2d{.out_channels = part_of(kMaps[block], options.width),
                      .kernel = kernel,
                      .stride = 1,
                      .pad = {kernel / 2, kernel / 2},
                      .groups = 1},
               upbringing(options));
    add_activation(layers, *options.activation, name);
    const bool first = block == 0 && number == 1;
    if (first && options.lrn.use == Switch::on) layers.add("norm1_1", lrn_of(options.lrn, 1));
  }
  layers.add(fmt::format("pool{}", block + 1), MaxPool{.kernel = 2, .stride = 2});
}

void add_hidden(LayerList& layers, const VggOptions& options, int number) {
  layers.add(fmt::format("fc{}", number), FullyConnected{part_of(4096, options.width)},
             upbringing(options));
  add_activation(layers, *options.activation, std::to_string(number));
  if (*options.drop == 0.0) return layers.leave_out();
  layers.add(fmt::format("drop{}", number),
             Dropout{.drop = *options.drop, .scaling = *options.scaling});
}

}  // namespace

std::vector<std::string> vgg_variants() {
  return {"A", "A-LRN", "B", "C", "D", "E", "B-5x5", "D-7x7"};
}

Net vgg(const VggOptions& given) {
  const VggOptions options = with_defaults(given);
  check_classes(options.classes);
  LayerList layers("features");
  const Blocks blocks = blocks_of(options.variant);
  for (std::size_t block = 0; block < blocks.size(); ++block)
    add_block(layers, options, block, blocks[block]);
  layers.begin("classifier");
  add_hidden(layers, options, 6);
  add_hidden(layers, options, 7);
  layers.add("fc8", FullyConnected{options.classes}, upbringing(options));
  layers.add("softmax", SoftmaxLoss{});
  return {.name = "vgg",
          .variant = options.variant,
          .channels = 3,
          .side = *options.side,
          .layers = std::move(layers).take()};
}

}  // namespace sluice::nodes
