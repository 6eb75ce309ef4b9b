#include "runtime/net/layer_spec.h"

namespace sluice {
namespace {

struct Kind {
  const char* operator()(const Conv2d&) const { return "convolution"; }
  const char* operator()(const Relu&) const { return "relu"; }
  const char* operator()(const Lrn&) const { return "lrn"; }
  const char* operator()(const MaxPool&) const { return "max-pool"; }
  const char* operator()(const FullyConnected&) const { return "fully-connected"; }
  const char* operator()(const Dropout&) const { return "dropout"; }
  const char* operator()(const SoftmaxLoss&) const { return "softmax-loss"; }
};

}  // namespace

std::string layer_kind(const LayerSpec& spec) { return std::visit(Kind{}, spec); }

}  // namespace sluice
