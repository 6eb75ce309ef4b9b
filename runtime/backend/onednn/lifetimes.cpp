#include "runtime/backend/onednn/lifetimes.h"

#include <algorithm>

#include "runtime/backend/onednn/element.h"

namespace sluice::onednn {
namespace {

struct Reads {
  const LayerPlan& plan;

  BackwardReads operator()(const Conv2d&) const { return {.source = true}; }
  BackwardReads operator()(const PartialConv2d&) const { return {.source = true}; }
  BackwardReads operator()(const Relu&) const { return {.result = true}; }
  BackwardReads operator()(const Tanh&) const { return {.result = true}; }
  BackwardReads operator()(const Lrn&) const { return {.source = true}; }
  BackwardReads operator()(const SameMapLrn&) const { return {.source = true}; }
  // Winners are bytes of its own.
  BackwardReads operator()(const MaxPool&) const {
    return {.source = plan.relu_inside == FusedRelu::yes || plan.lrn_inside.has_value()};
  }
  BackwardReads operator()(const Subsample&) const { return {.source = true}; }
  BackwardReads operator()(const FullyConnected&) const { return {.source = true}; }
  BackwardReads operator()(const Dropout&) const { return {}; }
  BackwardReads operator()(const Windows&) const { return {}; }
  BackwardReads operator()(const WindowMean&) const { return {}; }
  BackwardReads operator()(const Rbf&) const { return {.source = true}; }
  BackwardReads operator()(const SoftmaxLoss&) const { return {.source = true}; }
  BackwardReads operator()(const HingeLoss&) const { return {.source = true}; }
  BackwardReads operator()(const MapLoss&) const { return {.source = true}; }
};

template <class... Specs>
bool is_one_of(const LayerSpec& spec) {
  return (std::holds_alternative<Specs>(spec) || ...);
}

bool learns(const Layer& layer) {
  if (layer.learning.frozen) return false;
  return is_one_of<Conv2d, PartialConv2d, Subsample, FullyConnected>(layer.spec);
}

bool kept(const ProgramOptions& options, const Layer& layer) {
  return std::ranges::find(options.keep, layer.name) != options.keep.end();
}

// The net's arrays, one pass over its layers each way.
class Reservations {
 public:
  Reservations(const Net& net, const std::vector<LayerShapes>& shapes,
               const ProgramOptions& options, MemoryPlan& memory, NetPlan& plan)
      : net_(net), shapes_(shapes), options_(options), memory_(memory), plan_(plan) {}

  void forward() {
    const Timeline& times = memory_.timeline();
    plan_.rows = reserve(shapes_.front().in, 1, options_.precision, times.forward(0));
    for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
      const std::size_t now = times.forward(i);
      LayerPlan& layer = plan_.layers[i];
      layer.output = layer.in_place ? plan_.layers[i - 1].output
                                    : reserve(shapes_[i].out, shapes_[i].out_rows, element(i), now);
      memory_.use(source(i), now);
      memory_.use(layer.output, now);
      const bool score_or_loss = i + 2 >= plan_.layers.size();
      if (score_or_loss || kept(options_, net_.layers[i])) memory_.use(layer.output, times.end());
    }
  }

  // Gradients flow back to the output of the first layer that learns, or to the rows.
  void backward() {
    const bool to_rows = options_.purpose == Purpose::row_gradients;
    const std::size_t first = to_rows ? 0 : first_learning();
    Region gradient;  // of the output of the layer at hand
    for (std::size_t i = plan_.layers.size(); i-- > first;) {
      const std::size_t now = memory_.timeline().backward(i);
      LayerPlan& layer = plan_.layers[i];
      if (gradient.bytes > 0) memory_.use(gradient, now);
      if (!layer.fused_backward) use_again(i, now);
      if (i == first && !to_rows) break;
      layer.input_gradient = InputGradient::wanted;
      if (!gradient_in_place(i))
        gradient = reserve(shapes_[i].in, shapes_[i].in_rows, before(i), now);
      layer.diff_src = gradient;
    }
    if (to_rows) memory_.use(gradient, memory_.timeline().end());
  }

 private:
  Region reserve(const Shape& row, std::int64_t rows, Precision element, std::size_t now) {
    const auto elements = static_cast<std::size_t>(options_.batch * rows * row.elements());
    return memory_.reserve(elements * element_bytes(element), {now, now});
  }
  Precision element(std::size_t layer) const {
    return output_element(net_, layer, options_.precision);
  }
  // Of what a layer reads.
  Precision before(std::size_t layer) const {
    return layer == 0 ? options_.precision : element(layer - 1);
  }
  std::size_t first_learning() const {
    return static_cast<std::size_t>(std::ranges::find_if(net_.layers, learns) -
                                    net_.layers.begin());
  }
  const Region& source(std::size_t layer) const {
    return layer == 0 ? plan_.rows : plan_.layers[layer - 1].output;
  }
  void use_again(std::size_t layer, std::size_t now) {
    const BackwardReads reads = backward_reads(net_.layers[layer].spec, plan_.layers[layer]);
    if (reads.source) memory_.use(source(layer), now);
    if (reads.result) memory_.use(plan_.layers[layer].output, now);
  }
  bool gradient_in_place(std::size_t layer) const {
    return plan_.layers[layer].fused_backward ||
           is_one_of<Relu, Tanh, Dropout>(net_.layers[layer].spec);
  }

  const Net& net_;
  const std::vector<LayerShapes>& shapes_;
  const ProgramOptions& options_;
  MemoryPlan& memory_;
  NetPlan& plan_;
};

}  // namespace

BackwardReads backward_reads(const LayerSpec& spec, const LayerPlan& plan) {
  return std::visit(Reads{plan}, spec);
}

void reserve_arrays(const Net& net, const std::vector<LayerShapes>& shapes,
                    const ProgramOptions& options, MemoryPlan& memory, NetPlan& plan) {
  Reservations reservations(net, shapes, options, memory, plan);
  reservations.forward();
  if (goes_backward(options.purpose)) reservations.backward();
}

}  // namespace sluice::onednn
