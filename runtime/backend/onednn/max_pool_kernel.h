// Max-pooling of one row of outputs or inputs, channels side by side. As kernels.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/backend/onednn/element.h"

namespace sluice::onednn::kernels {

inline constexpr std::size_t kMaxKernel = 16;  // a winner's place in its window is one byte

struct PoolGeometry {
  std::size_t height, width, out_height, out_width;
  std::size_t kernel;  // at most kMaxKernel
  std::size_t stride;
  std::size_t channels;
};

// Rows of a batch's planes, counted through all of them: [first, end).
struct RowRange {
  std::size_t first, end;
};

// What the windows of output row `out_row` (counted likewise) see.
inline RowRange rows_of(const PoolGeometry& g, std::size_t out_row) {
  const std::size_t plane = out_row / g.out_height * g.height;
  const std::size_t y = out_row % g.out_height * g.stride;
  return {plane + y, plane + std::min(y + g.kernel, g.height)};
}

template <class T>
using PoolRows = std::array<const T*, kMaxKernel>;

// One row of outputs from the rows that its windows see. `winners`: place in the window (y * kernel
// + x) of the first maximum in row-major order; null where nobody asks.
void max_pool_row(const PoolGeometry& geometry, std::span<const float* const> rows, float* out,
                  std::uint8_t* winners);
void max_pool_row(const PoolGeometry& geometry, std::span<const Bf16* const> rows, Bf16* out,
                  std::uint8_t* winners);

// The gradient of one image's outputs, with what forward left beside them.
template <class T>
struct PoolGradient {
  const T* values;
  const std::uint8_t* winners;
};

// Input gradients of row `y` of one image, summed over the windows that chose a pixel, in row-major
// order. `image`: 0 where it is not positive (the result of a ReLU); null: no mask.
void max_pool_backward_row(const PoolGeometry& geometry, const float* image,
                           const PoolGradient<float>& gradient, std::size_t y, float* gradient_row);
void max_pool_backward_row(const PoolGeometry& geometry, const Bf16* image,
                           const PoolGradient<Bf16>& gradient, std::size_t y, Bf16* gradient_row);

}  // namespace sluice::onednn::kernels
