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

LrnLayer::LrnLayer(const Lrn& spec, const CompileContext& context)
    : factors_{.tower = static_cast<std::size_t>(context.in[0] / spec.towers),
               .half = static_cast<std::size_t>(spec.size / 2),
               .alpha = alpha_of_one(spec),
               .beta = static_cast<float>(spec.beta),
               .k = static_cast<float>(spec.k)},
      mask_(context.relu == FusedRelu::yes ? kernels::ReluMask::masked : kernels::ReluMask::none),
      channels_(static_cast<std::size_t>(context.in[0])),
      pixels_(static_cast<std::size_t>(context.batch * context.in[1] * context.in[2])) {
  require(
      factors_.tower + factors_.half <= kernels::kLrnFloats,
      "layer {}: LRN of {} maps over {}, the oneDNN backend takes at most {} with half a window",
      context.layer, factors_.tower, spec.size, kernels::kLrnFloats);
}

void LrnLayer::forward(const Pass& pass) {
  parallel_ranges(pixels_, kPiece, [&](std::size_t first, std::size_t end) {
    const std::size_t at = first * channels_;
    kernels::lrn(factors_, pass.src + at, (end - first) * channels_, pass.dst + at);
  });
}

void LrnLayer::backward(const Pass& pass) {
  parallel_ranges(pixels_, kPiece, [&](std::size_t first, std::size_t end) {
    const std::size_t at = first * channels_;
    kernels::lrn_backward(factors_, mask_, pass.src + at, pass.diff_dst + at,
                          (end - first) * channels_, pass.diff_src + at);
  });
}

}  // namespace sluice::onednn
