#include "runtime/backend/onednn/plan.h"

#include <algorithm>
#include <array>

namespace sluice::onednn {
namespace {

template <class... Specs>
bool is_one_of(const LayerSpec& spec) {
  return (std::holds_alternative<Specs>(spec) || ...);
}

bool kept(const ProgramOptions& options, const Layer& layer) {
  return std::ranges::find(options.keep, layer.name) != options.keep.end();
}

std::size_t batch_bytes(int batch, const Shape& row) {
  return static_cast<std::size_t>(batch * row.elements()) * sizeof(float);
}

// ReLUs that a neighbour does; a kept output must stay what its layer gave.
void fuse_relus(const Net& net, const ProgramOptions& options, std::vector<LayerPlan>& layers) {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (!is_one_of<Relu>(net.layers[i].spec)) continue;
    const Layer& before = net.layers[i - 1];
    if (is_one_of<Conv2d, FullyConnected>(before.spec) && !kept(options, before)) {
      layers[i].fused_forward = true;
      layers[i - 1].relu_inside = FusedRelu::yes;
    }
    if (i + 1 < layers.size() && is_one_of<Lrn, MaxPool>(net.layers[i + 1].spec)) {
      layers[i].fused_backward = true;
      layers[i + 1].relu_inside = FusedRelu::yes;
    }
  }
}

// LRNs that the max-pool behind them does: nobody else reads what they give, so that it is never
// stored. Such an LRN passes its input on.
void fuse_lrns(const Net& net, const ProgramOptions& options, std::vector<LayerPlan>& layers) {
  for (std::size_t i = 1; i + 1 < layers.size(); ++i) {
    const Lrn* lrn = std::get_if<Lrn>(&net.layers[i].spec);
    if (lrn == nullptr || !is_one_of<MaxPool>(net.layers[i + 1].spec)) continue;
    if (kept(options, net.layers[i])) continue;
    layers[i].fused_forward = layers[i].fused_backward = layers[i].in_place = true;
    layers[i + 1].lrn_inside = *lrn;
    layers[i + 1].relu_inside = layers[i].relu_inside;
  }
}

// ReLU and dropout overwrite their input, unless it is the caller's or kept. No backward of ours
// needs what they overwrite.
void choose_in_place(const Net& net, const ProgramOptions& options,
                     std::vector<LayerPlan>& layers) {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (!is_one_of<Relu, Dropout>(net.layers[i].spec)) continue;
    layers[i].in_place = !kept(options, net.layers[i - 1]);
  }
}

// In training every output stays until backward has used it.
void place_training_outputs(const std::vector<LayerShapes>& shapes, int batch, MemoryPlan& memory,
                            std::vector<LayerPlan>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].output = layers[i].in_place ? layers[i - 1].output
                                          : memory.reserve(batch_bytes(batch, shapes[i].out));
  }
}

// Two regions that take turns.
class Pair {
 public:
  std::size_t next(std::size_t bytes) {
    turn_ = 1 - turn_;
    sizes_[turn_] = std::max(sizes_[turn_], bytes);
    return turn_;
  }
  std::size_t turn() const { return turn_; }
  std::array<Region, 2> reserve(MemoryPlan& memory) const {
    return {memory.reserve(sizes_[0]), memory.reserve(sizes_[1])};
  }

 private:
  std::size_t turn_ = 0;
  std::array<std::size_t, 2> sizes_{};
};

// Whether the output of a layer is kept, or that of one which works on it in place.
bool kept_in_place(const Net& net, const ProgramOptions& options,
                   const std::vector<LayerPlan>& layers, std::size_t first) {
  bool any = kept(options, net.layers[first]);
  for (std::size_t i = first + 1; i < layers.size() && layers[i].in_place; ++i) {
    any = any || kept(options, net.layers[i]);
  }
  return any;
}

// In evaluation an output is free once the next layer has read it; scores are the last but one.
void place_evaluation_outputs(const Net& net, const std::vector<LayerShapes>& shapes,
                              const ProgramOptions& options, MemoryPlan& memory,
                              std::vector<LayerPlan>& layers) {
  constexpr std::size_t kOwn = 2;
  Pair pair;
  std::vector<std::size_t> turns(layers.size(), kOwn);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::size_t bytes = batch_bytes(options.batch, shapes[i].out);
    if (layers[i].in_place) {
      turns[i] = turns[i - 1];
      layers[i].output = layers[i - 1].output;
    } else if (kept_in_place(net, options, layers, i) || i + 2 >= layers.size()) {
      layers[i].output = memory.reserve(bytes);
    } else {
      turns[i] = pair.next(bytes);
    }
  }
  const std::array<Region, 2> regions = pair.reserve(memory);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (turns[i] != kOwn) layers[i].output = regions[turns[i]];
  }
}

// Gradients flow back to the output of the first layer that has parameters.
void place_gradients(const Net& net, const std::vector<LayerShapes>& shapes, int batch,
                     MemoryPlan& memory, std::vector<LayerPlan>& layers) {
  const auto first = std::ranges::find_if(
      net.layers, [](const Layer& layer) { return is_one_of<Conv2d, FullyConnected>(layer.spec); });
  const auto first_index = static_cast<std::size_t>(first - net.layers.begin());
  Pair pair;
  std::vector<std::size_t> turns(layers.size(), 0);
  for (std::size_t i = layers.size(); i-- > first_index + 1;) {
    layers[i].input_gradient = InputGradient::wanted;
    const bool in_place = layers[i].fused_backward || is_one_of<Relu, Dropout>(net.layers[i].spec);
    turns[i] = in_place ? pair.turn() : pair.next(batch_bytes(batch, shapes[i].in));
  }
  const std::array<Region, 2> regions = pair.reserve(memory);
  for (std::size_t i = first_index + 1; i < layers.size(); ++i) {
    layers[i].diff_src = regions[turns[i]];
  }
}

}  // namespace

NetPlan plan_net(const Net& net, const std::vector<LayerShapes>& shapes,
                 const ProgramOptions& options, MemoryPlan& memory) {
  NetPlan plan{.layers = std::vector<LayerPlan>(net.layers.size()), .rows = {}};
  plan.rows = memory.reserve(batch_bytes(options.batch, shapes.front().in));
  fuse_relus(net, options, plan.layers);
  fuse_lrns(net, options, plan.layers);
  choose_in_place(net, options, plan.layers);
  if (options.purpose == Purpose::training) {
    place_training_outputs(shapes, options.batch, memory, plan.layers);
    place_gradients(net, shapes, options.batch, memory, plan.layers);
  } else {
    place_evaluation_outputs(net, shapes, options, memory, plan.layers);
  }
  return plan;
}

}  // namespace sluice::onednn
