#include "runtime/backend/cudnn/operation.h"

namespace sluice::cudnn {
namespace {

struct Name {
  std::string operator()(const TakeRows&) const { return "take rows"; }
  std::string operator()(const TakeBytes&) const { return "take bytes"; }
  std::string operator()(const ConvolutionForward& c) const {
    return c.relu == FusedRelu::yes ? "convolution and relu forward" : "convolution forward";
  }
  std::string operator()(const ConvolutionBackwardData&) const {
    return "convolution backward data";
  }
  std::string operator()(const ConvolutionBackwardWeights&) const {
    return "convolution backward weights";
  }
  std::string operator()(const ProductForward& p) const {
    return p.relu == FusedRelu::yes ? "product and relu forward" : "product forward";
  }
  std::string operator()(const ProductBackwardData&) const { return "product backward data"; }
  std::string operator()(const ProductBackwardWeights&) const { return "product backward weights"; }
  std::string operator()(const BiasGradient&) const { return "bias gradient"; }
  std::string operator()(const ReluForward&) const { return "relu forward"; }
  std::string operator()(const ReluBackward&) const { return "relu backward"; }
  std::string operator()(const TanhForward&) const { return "tanh forward"; }
  std::string operator()(const TanhBackward&) const { return "tanh backward"; }
  std::string operator()(const LrnForward&) const { return "LRN forward"; }
  std::string operator()(const LrnBackward&) const { return "LRN backward"; }
  std::string operator()(const SameMapLrnForward&) const { return "same-map LRN forward"; }
  std::string operator()(const SameMapLrnBackward&) const { return "same-map LRN backward"; }
  std::string operator()(const MaxPoolForward&) const { return "max-pool forward"; }
  std::string operator()(const MaxPoolBackward&) const { return "max-pool backward"; }
  std::string operator()(const DropoutForward&) const { return "dropout forward"; }
  std::string operator()(const DropoutBackward&) const { return "dropout backward"; }
  std::string operator()(const PartialConvolutionForward&) const {
    return "partial convolution forward";
  }
  std::string operator()(const PartialConvolutionBackwardData&) const {
    return "partial convolution backward data";
  }
  std::string operator()(const PartialConvolutionBackwardWeights&) const {
    return "partial convolution backward weights";
  }
  std::string operator()(const SubsampleForward&) const { return "subsample forward"; }
  std::string operator()(const SubsampleBackwardData&) const { return "subsample backward data"; }
  std::string operator()(const SubsampleBackwardWeights&) const {
    return "subsample backward weights";
  }
  std::string operator()(const RbfForward&) const { return "codes forward"; }
  std::string operator()(const RbfBackward&) const { return "codes backward"; }
  std::string operator()(const LossForward&) const { return "loss forward"; }
  std::string operator()(const LossBackward&) const { return "loss backward"; }
  std::string operator()(const RoundValues&) const { return "round to bf16"; }
  std::string operator()(const Update&) const { return "update"; }
};

}  // namespace

std::string operation_name(const OperationKind& what) { return std::visit(Name{}, what); }

}  // namespace sluice::cudnn
