#include "runtime/backend/onednn/relu.h"

#include "runtime/backend/onednn/kernels.h"
#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 15;  // values

}  // namespace

ReluLayer::ReluLayer(const CompileContext& context)
    : row_elements_(static_cast<std::size_t>(context.in.elements())),
      batch_(static_cast<std::size_t>(context.batch)) {}

void ReluLayer::forward(const Pass& pass) {
  with_element(pass.dst.element, [&](auto element) {
    using T = decltype(element);
    const T* src = pass.src.as<T>();
    T* dst = pass.dst.as<T>();
    parallel_ranges(batch_ * row_elements_, kPiece, [&](std::size_t first, std::size_t end) {
      kernels::relu(src + first, end - first, dst + first);
    });
  });
}

void ReluLayer::backward(const Pass& pass) {
  with_element(pass.dst.element, [&](auto element) {
    using T = decltype(element);
    const T* result = pass.dst.as<T>();
    T* gradient = pass.diff_src.as<T>();
    parallel_ranges(batch_ * row_elements_, kPiece, [&](std::size_t first, std::size_t end) {
      kernels::relu_backward(result + first, end - first, gradient + first);
    });
  });
}

}  // namespace sluice::onednn
