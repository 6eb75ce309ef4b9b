// The backend's own inner loops: plain C++ that the compiler turns into one version per instruction
// set, chosen at run time. No threads; pointers of one call do not overlap unless said.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/backend/onednn/element.h"

namespace sluice::onednn::kernels {

// to[i] = max(from[i], 0); to may be from.
void relu(const float* from, std::size_t count, float* to);
void relu(const Bf16* from, std::size_t count, Bf16* to);
// gradient[i] = result[i] > 0 ? gradient[i] : 0.
void relu_backward(const float* result, std::size_t count, float* gradient);
void relu_backward(const Bf16* result, std::size_t count, Bf16* gradient);

// to[i] = kept[i] ? from[i] * factor : 0; to may be from.
void mask(const float* from, const std::uint8_t* kept, float factor, std::size_t count, float* to);
void mask(const Bf16* from, const std::uint8_t* kept, float factor, std::size_t count, Bf16* to);
// to[i] = from[i] * factor; to may be from.
void scale(const float* from, float factor, std::size_t count, float* to);
void scale(const Bf16* from, float factor, std::size_t count, Bf16* to);

// To the nearest bf16, and back.
void round_values(const float* from, std::size_t count, Bf16* to);
void widen_values(const Bf16* from, std::size_t count, float* to);

}  // namespace sluice::onednn::kernels
