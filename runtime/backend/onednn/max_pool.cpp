#include "runtime/backend/onednn/max_pool.h"

#include "runtime/backend/onednn/parallel.h"
#include "runtime/error.h"

namespace sluice::onednn {
namespace {

constexpr std::size_t kPiece = 4;  // rows of pixels

}  // namespace

kernels::PoolGeometry pool_geometry(const MaxPool& spec, const CompileContext& context) {
  require(static_cast<std::size_t>(spec.kernel) <= kernels::kMaxKernel,
          "layer {}: max-pool of {} pixels, the oneDNN backend takes at most {}", context.layer,
          spec.kernel, kernels::kMaxKernel);
  return {.height = static_cast<std::size_t>(context.in[1]),
          .width = static_cast<std::size_t>(context.in[2]),
          .out_height = static_cast<std::size_t>(context.out[1]),
          .out_width = static_cast<std::size_t>(context.out[2]),
          .kernel = static_cast<std::size_t>(spec.kernel),
          .stride = static_cast<std::size_t>(spec.stride),
          .channels = static_cast<std::size_t>(context.in[0])};
}

MaxPoolLayer::MaxPoolLayer(const MaxPool& spec, const CompileContext& context)
    : geometry_(pool_geometry(spec, context)),
      relu_(context.relu),
      batch_(static_cast<std::size_t>(context.batch)) {
  if (goes_backward(context.purpose)) {
    winners_ = context.plan.reserve(batch_ * static_cast<std::size_t>(context.out.elements()));
  }
}

void MaxPoolLayer::forward(const Pass& pass) {
  with_element(pass.dst.element, [&](auto element) { forward_as<decltype(element)>(pass); });
}

void MaxPoolLayer::backward(const Pass& pass) {
  with_element(pass.diff_src.element, [&](auto element) { backward_as<decltype(element)>(pass); });
}

template <class T>
void MaxPoolLayer::forward_as(const Pass& pass) const {
  const kernels::PoolGeometry& g = geometry_;
  const std::size_t row = g.width * g.channels;
  const T* src = pass.src.as<T>();
  parallel_ranges(batch_ * g.out_height, kPiece, [&](std::size_t first, std::size_t end) {
    kernels::PoolRows<T> rows;
    for (std::size_t i = first; i < end; ++i) {
      const kernels::RowRange seen = kernels::rows_of(g, i);
      for (std::size_t r = seen.first; r < seen.end; ++r) rows[r - seen.first] = src + r * row;
      const std::size_t at = i * g.out_width * g.channels;
      kernels::max_pool_row(
          g, std::span<const T* const>(rows.data(), seen.end - seen.first), pass.dst.as<T>() + at,
          winners_.bytes == 0 ? nullptr : winners_.in<std::uint8_t>(pass.memory) + at);
    }
  });
}

template <class T>
void MaxPoolLayer::backward_as(const Pass& pass) const {
  const kernels::PoolGeometry& g = geometry_;
  const std::size_t row = g.width * g.channels, out_image = g.out_height * g.out_width * g.channels;
  const std::uint8_t* winners = winners_.in<std::uint8_t>(pass.memory);
  const T* gradient = pass.diff_dst.as<T>();
  parallel_ranges(batch_ * g.height, kPiece, [&](std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      const std::size_t n = i / g.height;
      const T* image = relu_ == FusedRelu::yes ? pass.src.as<T>() + n * g.height * row : nullptr;
      kernels::max_pool_backward_row(
          g, image, kernels::PoolGradient<T>{gradient + n * out_image, winners + n * out_image},
          i % g.height, pass.diff_src.as<T>() + i * row);
    }
  });
}

}  // namespace sluice::onednn
