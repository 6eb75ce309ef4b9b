#include "runtime/backend/onednn/lrn.h"

#include "runtime/backend/onednn/parallel.h"
#include "runtime/error.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = 64;  // pixels

float alpha_of_one(const Lrn& spec) {
  return static_cast<float>(spec.reading == Lrn::Alpha::window ? spec.alpha / spec.size
                                                               : spec.alpha);
}

}  // namespace

kernels::LrnFactors lrn_factors(const Lrn& spec, const CompileContext& context) {
  const kernels::LrnFactors factors{.tower = static_cast<std::size_t>(context.in[0] / spec.towers),
                                    .half = static_cast<std::size_t>(spec.size / 2),
                                    .alpha = alpha_of_one(spec),
                                    .beta = static_cast<float>(spec.beta),
                                    .k = static_cast<float>(spec.k)};
  require(
      factors.tower + factors.half <= kernels::kLrnFloats,
      "layer {}: LRN of {} maps over {}, the oneDNN backend takes at most {} with half a window",
      context.layer, factors.tower, spec.size, kernels::kLrnFloats);
  return factors;
}

kernels::ReluMask relu_mask(FusedRelu relu) {
  return relu == FusedRelu::yes ? kernels::ReluMask::masked : kernels::ReluMask::none;
}

LrnLayer::LrnLayer(const Lrn& spec, const CompileContext& context)
    : factors_(lrn_factors(spec, context)),
      mask_(relu_mask(context.relu)),
      channels_(static_cast<std::size_t>(context.in[0])),
      pixels_(static_cast<std::size_t>(context.batch * context.in[1] * context.in[2])) {}

void LrnLayer::forward(const Pass& pass) {
  with_element(pass.dst.element, [&](auto element) {
    using T = decltype(element);
    parallel_ranges(pixels_, kPiece, [&](std::size_t first, std::size_t end) {
      const std::size_t at = first * channels_;
      kernels::lrn(factors_, pass.src.as<T>() + at, (end - first) * channels_,
                   pass.dst.as<T>() + at);
    });
  });
}

void LrnLayer::backward(const Pass& pass) {
  with_element(pass.diff_src.element, [&](auto element) {
    using T = decltype(element);
    parallel_ranges(pixels_, kPiece, [&](std::size_t first, std::size_t end) {
      const std::size_t at = first * channels_;
      kernels::lrn_backward(factors_, mask_, pass.src.as<T>() + at, pass.diff_dst.as<T>() + at,
                            (end - first) * channels_, pass.diff_src.as<T>() + at);
    });
  });
}

}  // namespace sluice::onednn
