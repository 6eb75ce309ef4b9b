#include "runtime/backend/onednn/kernels.h"

namespace sluice::onednn::kernels {

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void relu(const float* from,
                                                                                std::size_t count,
                                                                                float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] > 0.0F ? from[i] : 0.0F;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void relu_backward(
    const float* __restrict result, std::size_t count, float* __restrict gradient) {
  for (std::size_t i = 0; i < count; ++i) gradient[i] = result[i] > 0.0F ? gradient[i] : 0.0F;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void mask(
    const float* from, const std::uint8_t* kept, float factor, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = kept[i] != 0 ? from[i] * factor : 0.0F;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void scale(const float* from,
                                                                                 float factor,
                                                                                 std::size_t count,
                                                                                 float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] * factor;
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void sgd(
    const SgdFactors& factors, const float* __restrict gradient, std::size_t count,
    float* __restrict velocity, float* __restrict values) {
  const SgdFactors f = factors;
  for (std::size_t i = 0; i < count; ++i) {
    const float v = f.momentum * velocity[i] - f.decay * values[i] - f.rate * gradient[i];
    velocity[i] = v;
    values[i] += v;
  }
}

}  // namespace sluice::onednn::kernels
