// out = amplitude tanh(slope in), and backwards from the result. As kernels.h.
#pragma once

#include <cstddef>

#include "runtime/backend/onednn/element.h"

namespace sluice::onednn::kernels {

struct TanhFactors {
  float amplitude;  // not 0
  float slope;
};

// to may be from.
void tanh(const TanhFactors& factors, const float* from, std::size_t count, float* to);
void tanh(const TanhFactors& factors, const Bf16* from, std::size_t count, Bf16* to);
// gradient[i] *= slope (amplitude - result[i]^2 / amplitude).
void tanh_backward(const TanhFactors& factors, const float* result, std::size_t count,
                   float* gradient);
void tanh_backward(const TanhFactors& factors, const Bf16* result, std::size_t count,
                   Bf16* gradient);

}  // namespace sluice::onednn::kernels
