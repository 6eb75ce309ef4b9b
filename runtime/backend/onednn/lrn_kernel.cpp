// Compiled with -fno-math-errno, so that square roots vectorise.
#include "runtime/backend/onednn/lrn_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::onednn::kernels {
namespace {

// Channels of a tower are taken in tiles, so that all buffers are on the stack and in the first
// cache whatever the net's width.
constexpr std::size_t kTile = 256;
constexpr std::size_t kMargin = 2 * kLrnHalfMax;  // backward needs windows of windows
using Buffer = std::array<float, kTile + 2 * kMargin>;

// A stretch of one tower: values of channels [first, end) stand at buffer index channel - first.
struct Stretch {
  std::size_t first, end;
  std::size_t size() const { return end - first; }
};

// `by` channels more on both sides, inside the tower.
[[gnu::always_inline]] inline Stretch widened(Stretch s, std::size_t by, std::size_t tower) {
  return {s.first > by ? s.first - by : 0, std::min(s.end + by, tower)};
}

// out[i] = sum of in over the window of channel out_at.first + i.
[[gnu::always_inline]] inline void window_sums(const float* __restrict in, Stretch in_at,
                                               Stretch out_at, std::size_t half,
                                               float* __restrict out) {
  Buffer padded;
  // Zeros where the window leaves the tower.
  const std::size_t lead = half - std::min(half, out_at.first - in_at.first);
  const std::size_t skip = out_at.first + lead - half - in_at.first;
  const std::size_t wanted = out_at.size() + 2 * half;
  const std::size_t present = std::min(in_at.size() - skip, wanted - lead);
  std::fill_n(padded.data(), lead, 0.0F);
  std::copy_n(in + skip, present, padded.data() + lead);
  std::fill_n(padded.data() + lead + present, wanted - lead - present, 0.0F);
  const std::size_t n = out_at.size();
  std::copy_n(padded.data(), n, out);
  for (std::size_t o = 1; o <= 2 * half; ++o) {
    for (std::size_t i = 0; i < n; ++i) out[i] += padded[i + o];
  }
}

// out = s^-beta.
[[gnu::always_inline]] inline void negative_power(const float* __restrict s, std::size_t n,
                                                  float beta, float* __restrict out) {
  if (beta == 0.75F) {
    for (std::size_t i = 0; i < n; ++i) {
      const float root = 1.0F / std::sqrt(s[i]);
      out[i] = root * std::sqrt(root);
    }
  } else {
    for (std::size_t i = 0; i < n; ++i) out[i] = std::pow(s[i], -beta);
  }
}

[[gnu::always_inline]] inline void scales(const LrnFactors& f, const float* __restrict tower,
                                          Stretch at, float* __restrict scale) {
  const Stretch in_at = widened(at, f.half, f.tower);
  Buffer squares;
  for (std::size_t i = 0; i < in_at.size(); ++i) {
    squares[i] = tower[in_at.first + i] * tower[in_at.first + i];
  }
  window_sums(squares.data(), in_at, at, f.half, scale);
  for (std::size_t i = 0; i < at.size(); ++i) scale[i] = f.k + f.alpha * scale[i];
}

[[gnu::always_inline]] inline void lrn_tile(const LrnFactors& f, const float* __restrict tower,
                                            Stretch at, float* __restrict to) {
  Buffer scale, power;
  scales(f, tower, at, scale.data());
  negative_power(scale.data(), at.size(), f.beta, power.data());
  for (std::size_t i = 0; i < at.size(); ++i) to[at.first + i] = tower[at.first + i] * power[i];
}

// d a_i = g_i s_i^-beta - 2 alpha beta a_i * sum over the window of g_j a_j s_j^(-beta - 1).
[[gnu::always_inline]] inline void lrn_backward_tile(const LrnFactors& f, ReluMask mask,
                                                     const float* __restrict tower,
                                                     const float* __restrict gradient, Stretch at,
                                                     float* __restrict to) {
  const Stretch wide = widened(at, f.half, f.tower);
  Buffer scale, power, terms, sums;
  scales(f, tower, wide, scale.data());
  negative_power(scale.data(), wide.size(), f.beta, power.data());
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const std::size_t c = wide.first + i;
    terms[i] = gradient[c] * tower[c] * power[i] / scale[i];
  }
  window_sums(terms.data(), wide, at, f.half, sums.data());
  const float factor = 2.0F * f.alpha * f.beta;
  const std::size_t shift = at.first - wide.first;
  const float floor = mask == ReluMask::masked ? 0.0F : -HUGE_VALF;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const std::size_t c = at.first + i;
    const float value = gradient[c] * power[i + shift] - factor * tower[c] * sums[i];
    to[c] = tower[c] > floor ? value : 0.0F;
  }
}

}  // namespace

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void lrn(
    const LrnFactors& factors, const float* from, std::size_t pixels, float* to) {
  const std::size_t floats = pixels * factors.channels;
  for (std::size_t tower = 0; tower < floats; tower += factors.tower) {
    for (std::size_t first = 0; first < factors.tower; first += kTile) {
      lrn_tile(factors, from + tower, {first, std::min(first + kTile, factors.tower)}, to + tower);
    }
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void lrn_backward(
    const LrnFactors& factors, ReluMask mask, const float* from, const float* gradient,
    std::size_t pixels, float* to) {
  const std::size_t floats = pixels * factors.channels;
  for (std::size_t tower = 0; tower < floats; tower += factors.tower) {
    for (std::size_t first = 0; first < factors.tower; first += kTile) {
      lrn_backward_tile(factors, mask, from + tower, gradient + tower,
                        {first, std::min(first + kTile, factors.tower)}, to + tower);
    }
  }
}

}  // namespace sluice::onednn::kernels
