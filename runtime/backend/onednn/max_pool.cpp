#include "runtime/backend/onednn/max_pool.h"

#include "runtime/backend/onednn/parallel.h"
#include "runtime/error.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = 4;  // rows of pixels

}  // namespace

MaxPoolLayer::MaxPoolLayer(const MaxPool& spec, const CompileContext& context)
    : geometry_{.side = static_cast<std::size_t>(context.in[1]),
                .out_side = static_cast<std::size_t>(context.out[1]),
                .kernel = static_cast<std::size_t>(spec.kernel),
                .stride = static_cast<std::size_t>(spec.stride),
                .channels = static_cast<std::size_t>(context.in[0])},
      purpose_(context.purpose),
      relu_(context.relu),
      batch_(static_cast<std::size_t>(context.batch)) {
  require(spec.kernel <= 16, "layer {}: max-pool of {} pixels, the oneDNN backend takes at most 16",
          context.layer, spec.kernel);
  if (purpose_ == Purpose::training) {
    winners_ = context.plan.reserve(batch_ * static_cast<std::size_t>(context.out.elements()));
  }
}

void MaxPoolLayer::forward(const Pass& pass) {
  const kernels::PoolGeometry& g = geometry_;
  const std::size_t out_row = g.out_side * g.channels, image = g.side * g.side * g.channels;
  std::uint8_t* winners = winners_.in<std::uint8_t>(pass.memory);
  parallel_ranges(batch_ * g.out_side, kPiece, [&](std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      kernels::max_pool_row(g, pass.src + i / g.out_side * image, i % g.out_side,
                            pass.dst + i * out_row,
                            purpose_ == Purpose::training ? winners + i * out_row : nullptr);
    }
  });
}

void MaxPoolLayer::backward(const Pass& pass) {
  const kernels::PoolGeometry& g = geometry_;
  const std::size_t row = g.side * g.channels, out_image = g.out_side * g.out_side * g.channels;
  const std::uint8_t* winners = winners_.in<std::uint8_t>(pass.memory);
  parallel_ranges(batch_ * g.side, kPiece, [&](std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      const std::size_t n = i / g.side;
      const float* image = relu_ == FusedRelu::yes ? pass.src + n * g.side * row : nullptr;
      kernels::max_pool_backward_row(g, image, pass.diff_dst + n * out_image,
                                     winners + n * out_image, i % g.side, pass.diff_src + i * row);
    }
  });
}

}  // namespace sluice::onednn
