// Local response normalisation on pixels whose channels lie side by side. As kernels.h.
#pragma once

#include <cstddef>

namespace sluice::onednn::kernels {

inline constexpr std::size_t kLrnHalfMax = 16;  // maps to either side of a window's middle

struct LrnFactors {
  std::size_t channels;
  std::size_t tower;  // channels of one tower; divides channels
  std::size_t half;   // at most kLrnHalfMax
  float alpha;        // of one square
  float beta;
  float k;
};

// to = from * scale^-beta, scale = k + alpha * sum of squares in the window.
void lrn(const LrnFactors& factors, const float* from, std::size_t pixels, float* to);

// Recomputes the scale; `masked`: 0 also where from <= 0 (from is the result of a ReLU).
enum class ReluMask { none, masked };
void lrn_backward(const LrnFactors& factors, ReluMask mask, const float* from,
                  const float* gradient, std::size_t pixels, float* to);

}  // namespace sluice::onednn::kernels
