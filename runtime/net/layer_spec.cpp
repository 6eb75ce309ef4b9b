#include "runtime/net/layer_spec.h"

namespace sluice {
namespace {

struct Kind {
  const char* operator()(const Conv2d&) const { return "convolution"; }
  const char* operator()(const PartialConv2d&) const { return "partial-convolution"; }
  const char* operator()(const Relu&) const { return "relu"; }
  const char* operator()(const Tanh&) const { return "tanh"; }
  const char* operator()(const Lrn&) const { return "lrn"; }
  const char* operator()(const SameMapLrn&) const { return "same-map-lrn"; }
  const char* operator()(const MaxPool&) const { return "max-pool"; }
  const char* operator()(const Subsample&) const { return "subsample"; }
  const char* operator()(const FullyConnected&) const { return "fully-connected"; }
  const char* operator()(const Dropout&) const { return "dropout"; }
  const char* operator()(const Windows&) const { return "windows"; }
  const char* operator()(const WindowMean&) const { return "window-mean"; }
  const char* operator()(const Rbf&) const { return "rbf"; }
  const char* operator()(const SoftmaxLoss&) const { return "softmax-loss"; }
  const char* operator()(const HingeLoss&) const { return "hinge-loss"; }
  const char* operator()(const MapLoss&) const { return "map-loss"; }
};

}  // namespace

std::string layer_kind(const LayerSpec& spec) { return std::visit(Kind{}, spec); }

bool is_loss(const LayerSpec& spec) {
  return std::holds_alternative<SoftmaxLoss>(spec) || std::holds_alternative<HingeLoss>(spec) ||
         std::holds_alternative<MapLoss>(spec);
}

}  // namespace sluice
