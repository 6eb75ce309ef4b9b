// The backend's own inner loops: plain C++ that the compiler turns into one version per instruction
// set, chosen at run time. No threads; pointers of one call do not overlap unless said.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::onednn::kernels {

// to[i] = max(from[i], 0); to may be from.
void relu(const float* from, std::size_t count, float* to);
// gradient[i] = result[i] > 0 ? gradient[i] : 0.
void relu_backward(const float* result, std::size_t count, float* gradient);

// to[i] = kept[i] ? from[i] * factor : 0; to may be from.
void mask(const float* from, const std::uint8_t* kept, float factor, std::size_t count, float* to);
// to[i] = from[i] * factor; to may be from.
void scale(const float* from, float factor, std::size_t count, float* to);

// v = momentum v - decay w - rate g;  w += v.
struct SgdFactors {
  float momentum;
  float decay;  // times the learning rate
  float rate;   // over rows
};
void sgd(const SgdFactors& factors, const float* gradient, std::size_t count, float* velocity,
         float* values);

}  // namespace sluice::onednn::kernels
