// Max-pooling of one row of outputs or inputs, channels side by side. As kernels.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::onednn::kernels {

struct PoolGeometry {
  std::size_t side, out_side;
  std::size_t kernel;  // at most 16: a winner's place in its window is one byte
  std::size_t stride;
  std::size_t channels;
};

// Outputs of row `oy` of one image. `winners`: place in the window (y * kernel + x) of the first
// maximum in row-major order; null where nobody asks.
void max_pool_row(const PoolGeometry& geometry, const float* image, std::size_t oy, float* out,
                  std::uint8_t* winners);

// Input gradients of row `y` of one image, summed over the windows that chose a pixel, in row-major
// order. `image`: 0 where it is not positive (the result of a ReLU); null: no mask.
void max_pool_backward_row(const PoolGeometry& geometry, const float* image,
                           const float* out_gradient, const std::uint8_t* winners, std::size_t y,
                           float* gradient_row);

}  // namespace sluice::onednn::kernels
