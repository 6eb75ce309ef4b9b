#include "runtime/backend/onednn/relu.h"

#include "runtime/backend/onednn/kernels.h"
#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 15;  // floats

}  // namespace

ReluLayer::ReluLayer(const CompileContext& context)
    : row_elements_(static_cast<std::size_t>(context.in.elements())),
      batch_(static_cast<std::size_t>(context.batch)) {}

void ReluLayer::forward(const Pass& pass) {
  parallel_ranges(batch_ * row_elements_, kPiece, [&](std::size_t first, std::size_t end) {
    kernels::relu(pass.src + first, end - first, pass.dst + first);
  });
}

void ReluLayer::backward(const Pass& pass) {
  parallel_ranges(batch_ * row_elements_, kPiece, [&](std::size_t first, std::size_t end) {
    kernels::relu_backward(pass.dst + first, end - first, pass.diff_src + first);
  });
}

}  // namespace sluice::onednn
