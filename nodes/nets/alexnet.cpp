#include "nodes/nets/alexnet.h"

#include <fmt/format.h>

#include <utility>

namespace sluice::nodes {
namespace {

using Towers = AlexNetOptions::Towers;
using Block = AlexNetOptions::Block;

// What of a layer's neighbourhood a builder needs; every option is given.
struct Plan {
  const AlexNetOptions& options;
  LayerList& layers;

  // The paper's two GPUs are two towers: convolutions 2, 4, 5 and 6 see only their own tower's
  // maps.
  int towers() const { return options.towers == Towers::two ? 2 : 1; }
  int lrn_towers() const {
    return options.lrn_maps == AlexNetOptions::LrnMaps::tower ? towers() : 1;
  }
  int units(int published) const { return part_of(published, options.width, towers()); }
};

enum class Bias { zero, hidden };  // hidden: what makes ReLUs start active (the paper, section 5)

Upbringing upbringing(const AlexNetOptions& options, const std::optional<double>& own_deviation,
                      Bias bias) {
  const StartCells& start = options.start;
  return {.start = {.weights = *start.weights,
                    .deviation = own_deviation.value_or(*start.deviation),
                    .limit = 1.0,
                    .biases = *start.biases,
                    .bias = bias == Bias::hidden ? *start.bias : 0.0},
          .learning = {.bias_rate = *options.bias_rate}};
}

int maps_of(const Plan& plan, int number) {
  const int published = (*plan.options.maps)[static_cast<std::size_t>(number - 1)];
  const bool last = number == 5;
  const bool halved =
      plan.options.towers == Towers::half_narrow || (plan.options.towers == Towers::half && !last);
  return plan.units(halved ? published / 2 : published);
}

void add_lrn(const Plan& plan, int number) {
  if (plan.options.lrn.use == Switch::off) return plan.layers.leave_out();
  plan.layers.add(fmt::format("norm{}", number), lrn_of(plan.options.lrn, plan.lrn_towers()));
}

// Off with the other one: the authors' run without normalisation (FACTS 1.2) had neither.
void add_same_map_lrn(const Plan& plan, int number) {
  if (plan.options.lrn.use == Switch::off) return plan.layers.leave_out();
  plan.layers.add(fmt::format("cnorm{}", number), SameMapLrn{});
}

void add_pool(const Plan& plan, int number) {
  const bool apart = plan.options.pooling == AlexNetOptions::Pooling::apart;
  const MaxPool pool = apart
                           ? MaxPool{.kernel = 2, .stride = 2, .rounding = MaxPool::Rounding::down}
                           : MaxPool{.kernel = 3, .stride = 2};
  plan.layers.add(fmt::format("pool{}", number), pool);
}

void add_relu(const Plan& plan, int number) {
  add_activation(plan.layers, *plan.options.activation, std::to_string(number));
}

void add_block(const Plan& plan, int number, Block block) {
  switch (block) {
    case Block::relu_lrn_pool:
      add_relu(plan, number);
      add_lrn(plan, number);
      return add_pool(plan, number);
    case Block::relu_lrn_same_map_pool:
      add_relu(plan, number);
      add_lrn(plan, number);
      add_same_map_lrn(plan, number);
      return add_pool(plan, number);
    case Block::lrn_pool_relu:
      add_lrn(plan, number);
      add_pool(plan, number);
      return add_relu(plan, number);
    case Block::relu_pool_lrn:
      add_relu(plan, number);
      add_pool(plan, number);
      return add_lrn(plan, number);
    case Block::relu_pool:
      add_relu(plan, number);
      return add_pool(plan, number);
  }
}

// A 3 x 3 convolution that keeps the plane's side.
Conv2d small(int maps, int groups) {
  return {.out_channels = maps, .kernel = 3, .stride = 1, .pad = {1, 1}, .groups = groups};
}

void add_first_two(const Plan& plan) {
  const AlexNetOptions& options = plan.options;
  plan.layers.add("conv1",
                  Conv2d{.out_channels = maps_of(plan, 1),
                         .kernel = 11,
                         .stride = 4,
                         .pad = *options.conv1_pad,
                         .groups = 1},
                  upbringing(options, {}, Bias::zero));
  add_block(plan, 1, *options.block1);
  plan.layers.add("conv2",
                  Conv2d{.out_channels = maps_of(plan, 2),
                         .kernel = 5,
                         .stride = 1,
                         .pad = {2, 2},
                         .groups = plan.towers()},
                  upbringing(options, {}, Bias::hidden));
  add_block(plan, 2, *options.block2);
}

void add_last_convolutions(const Plan& plan) {
  const AlexNetOptions& options = plan.options;
  const auto& deviation = options.deviation_conv345;
  plan.layers.add("conv3", small(maps_of(plan, 3), 1), upbringing(options, deviation, Bias::zero));
  add_relu(plan, 3);
  plan.layers.add("conv4", small(maps_of(plan, 4), plan.towers()),
                  upbringing(options, deviation, Bias::hidden));
  add_relu(plan, 4);
  plan.layers.add("conv5", small(maps_of(plan, 5), plan.towers()),
                  upbringing(options, deviation, Bias::hidden));
  add_relu(plan, 5);
  add_pool(plan, 5);
  if (*options.conv6 == 0) return;
  plan.layers.add("conv6", small(plan.units(*options.conv6), plan.towers()),
                  upbringing(options, deviation, Bias::hidden));
  add_activation(plan.layers, *options.activation, "_conv6");  // fc6 has the name without
}

void add_dropout(const Plan& plan, int number) {
  if (*plan.options.drop == 0.0) return plan.layers.leave_out();
  plan.layers.add(fmt::format("drop{}", number),
                  Dropout{.drop = *plan.options.drop, .scaling = *plan.options.scaling});
}

void add_hidden(const Plan& plan, int number) {
  const bool before = plan.options.dropout_place == AlexNetOptions::DropoutPlace::before;
  if (before) add_dropout(plan, number);
  plan.layers.add(fmt::format("fc{}", number), FullyConnected{plan.units(4096)},
                  upbringing(plan.options, plan.options.deviation_fc67, Bias::hidden));
  add_relu(plan, number);
  if (!before) add_dropout(plan, number);
}

}  // namespace

Net alexnet(const AlexNetOptions& given) {
  const AlexNetOptions options = alexnet_with_defaults(given);
  check_classes(options.classes);
  LayerList layers("features");
  const Plan plan{options, layers};
  add_first_two(plan);
  add_last_convolutions(plan);
  layers.begin("classifier");
  add_hidden(plan, 6);
  add_hidden(plan, 7);
  layers.add("fc8", FullyConnected{options.classes}, upbringing(options, {}, Bias::zero));
  layers.add("softmax", SoftmaxLoss{});
  return {.name = "alexnet",
          .variant = options.variant,
          .channels = 3,
          .side = *options.side,
          .layers = std::move(layers).take()};
}

}  // namespace sluice::nodes
