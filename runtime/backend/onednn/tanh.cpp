#include "runtime/backend/onednn/tanh.h"

#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 14;  // values

}  // namespace

TanhLayer::TanhLayer(const Tanh& spec, const CompileContext& context)
    : factors_{.amplitude = static_cast<float>(spec.amplitude),
               .slope = static_cast<float>(spec.slope)},
      elements_(static_cast<std::size_t>(context.batch * context.in.elements())) {}

void TanhLayer::forward(const Pass& pass) {
  with_element(pass.src.element, [&]<class T>(T) {
    parallel_ranges(elements_, kPiece, [&](std::size_t first, std::size_t end) {
      kernels::tanh(factors_, pass.src.as<T>() + first, end - first, pass.dst.as<T>() + first);
    });
  });
}

void TanhLayer::backward(const Pass& pass) {
  with_element(pass.diff_src.element, [&]<class T>(T) {
    parallel_ranges(elements_, kPiece, [&](std::size_t first, std::size_t end) {
      kernels::tanh_backward(factors_, pass.dst.as<T>() + first, end - first,
                             pass.diff_src.as<T>() + first);
    });
  });
}

}  // namespace sluice::onednn
