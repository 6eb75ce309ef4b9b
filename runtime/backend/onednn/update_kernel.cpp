#include "runtime/backend/onednn/update_kernel.h"

namespace sluice::onednn::kernels {
namespace {

[[gnu::always_inline]] inline float sign(float value) {
  return static_cast<float>(value > 0.0F) - static_cast<float>(value < 0.0F);
}

// What decay adds to a velocity. Without sparsity the term is left out: its zeros would change the
// signs of others.
template <bool Sparse>
[[gnu::always_inline]] inline float paper_velocity(const PaperFactors& f, float velocity,
                                                   float value, float gradient) {
  float v = f.momentum * velocity - f.decay * value;
  if constexpr (Sparse) v -= f.sparsity * sign(value);
  return v - f.rate * gradient;
}

template <bool Sparse>
[[gnu::always_inline]] inline void paper(const PaperFactors& f, const float* __restrict gradient,
                                         float* __restrict velocity, float* __restrict values,
                                         std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float v = paper_velocity<Sparse>(f, velocity[i], values[i], gradient[i]);
    velocity[i] = v;
    values[i] += v;
  }
}

}  // namespace

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void update_paper(
    const PaperFactors& factors, const UpdateArrays& arrays, std::size_t count) {
  const PaperFactors f = factors;
  if (f.sparsity == 0.0F)
    return paper<false>(f, arrays.gradient, arrays.velocity, arrays.values, count);
  paper<true>(f, arrays.gradient, arrays.velocity, arrays.values, count);
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void update_pytorch(
    const PytorchFactors& factors, const UpdateArrays& arrays, std::size_t count) {
  const PytorchFactors f = factors;
  const float* __restrict gradient = arrays.gradient;
  float* __restrict velocity = arrays.velocity;
  float* __restrict values = arrays.values;
  for (std::size_t i = 0; i < count; ++i) {
    const float g = f.scale * gradient[i] + f.decay * values[i] + f.sparsity * sign(values[i]);
    const float v = f.momentum * velocity[i] + g;
    velocity[i] = v;
    values[i] -= f.rate * v;
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void update_nesterov(
    const PaperFactors& factors, const UpdateArrays& arrays, std::size_t count) {
  const PaperFactors f = factors;
  const float* __restrict gradient = arrays.gradient;
  float* __restrict velocity = arrays.velocity;
  float* __restrict values = arrays.values;
  for (std::size_t i = 0; i < count; ++i) {
    const float v = velocity[i], w = values[i];
    const float u = f.momentum * v - f.decay * w - f.sparsity * sign(w) - f.rate * gradient[i];
    velocity[i] = u;
    values[i] = w - f.momentum * v + (1.0F + f.momentum) * u;
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void update_diagonal(
    const DiagonalFactors& factors, const UpdateArrays& arrays, std::size_t count) {
  const DiagonalFactors f = factors;
  const float* __restrict gradient = arrays.gradient;
  const float* __restrict curvature = arrays.velocity;
  float* __restrict values = arrays.values;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] -= f.rate * gradient[i] / (f.damping + curvature[i]);
  }
}

}  // namespace sluice::onednn::kernels
