#include "runtime/backend/onednn/plan.h"

#include <algorithm>

#include "runtime/backend/onednn/element.h"
#include "runtime/backend/onednn/lifetimes.h"

namespace sluice::onednn {
namespace {

template <class... Specs>
bool is_one_of(const LayerSpec& spec) {
  return (std::holds_alternative<Specs>(spec) || ...);
}

bool kept(const ProgramOptions& options, const Layer& layer) {
  return std::ranges::find(options.keep, layer.name) != options.keep.end();
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

// Whether a layer's output may be overwritten by the next: nobody else wants it. Of a ReLU's,
// backward needs only where the zeros are; a dropped unit is 0 to both, and its gradient too.
bool free_to_overwrite(const Net& net, const ProgramOptions& options, const LayerPlan& plan,
                       std::size_t layer) {
  const LayerSpec& spec = net.layers[layer].spec;
  if (kept(options, net.layers[layer])) return false;
  const bool keeps_zeros = is_one_of<Relu, Dropout>(net.layers[layer + 1].spec);
  return (is_one_of<Relu>(spec) && keeps_zeros) || !backward_reads(spec, plan).result;
}

// ReLU, tanh and dropout overwrite their input, unless it is the caller's, wanted by others or of
// other elements.
void choose_in_place(const Net& net, const ProgramOptions& options,
                     std::vector<LayerPlan>& layers) {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (!is_one_of<Relu, Tanh, Dropout>(net.layers[i].spec)) continue;
    const bool same_element =
        output_element(net, i, options.precision) == output_element(net, i - 1, options.precision);
    layers[i].in_place = same_element && free_to_overwrite(net, options, layers[i - 1], i - 1);
  }
}

}  // namespace

NetPlan plan_net(const Net& net, const std::vector<LayerShapes>& shapes,
                 const ProgramOptions& options, MemoryPlan& memory) {
  NetPlan plan{.layers = std::vector<LayerPlan>(net.layers.size()), .rows = {}};
  fuse_relus(net, options, plan.layers);
  fuse_lrns(net, options, plan.layers);
  choose_in_place(net, options, plan.layers);
  reserve_arrays(net, shapes, options, memory, plan);
  return plan;
}

}  // namespace sluice::onednn
