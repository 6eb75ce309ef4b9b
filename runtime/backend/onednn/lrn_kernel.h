// Local response normalisation on pixels whose channels lie side by side. As kernels.h.
#pragma once

#include <cstddef>

#include "runtime/backend/onednn/element.h"

namespace sluice::onednn::kernels {

inline constexpr std::size_t kLrnFloats = 2048;  // most maps of a tower and half a window together

struct LrnFactors {
  std::size_t tower;  // maps of one tower; divides the maps of a pixel
  std::size_t half;   // maps to either side of a window's middle
  float alpha;        // of one square
  float beta;
  float k;
};

// to = from * scale^-beta, scale = k + alpha * sum of squares in the window. `floats` values: whole
// towers, one behind the other.
void lrn(const LrnFactors& factors, const float* from, std::size_t floats, float* to);
void lrn(const LrnFactors& factors, const Bf16* from, std::size_t floats, Bf16* to);

// Recomputes the scale; `masked`: 0 also where from <= 0 (from is the result of a ReLU).
enum class ReluMask { none, masked };
void lrn_backward(const LrnFactors& factors, ReluMask mask, const float* from,
                  const float* gradient, std::size_t floats, float* to);
void lrn_backward(const LrnFactors& factors, ReluMask mask, const Bf16* from, const Bf16* gradient,
                  std::size_t floats, Bf16* to);

}  // namespace sluice::onednn::kernels
