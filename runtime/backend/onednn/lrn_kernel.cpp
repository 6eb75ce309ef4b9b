// Compiled with -fno-math-errno, so that square roots vectorise.
//
// Towers are worked on in groups, with zeros between them where windows leave a tower:
//   zeros(half) tower zeros(half) tower ... zeros(half)
// so that the loops with the arithmetic are long, whatever a tower's width. What they compute in
// the gaps is not used.
#include "runtime/backend/onednn/lrn_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::onednn::kernels {
namespace {

using Buffer = std::array<float, 2 * kLrnFloats>;

// A group in its buffers; a sum over the window of buffer index i stands at index i - half.
struct Group {
  std::size_t towers, tower, half;
  std::size_t pitch() const { return tower + half; }
  std::size_t sums() const { return towers * pitch(); }
};

[[gnu::always_inline]] inline void zero_gaps(const Group& g, float* padded) {
  for (std::size_t t = 0; t < g.towers; ++t) {
    for (std::size_t i = 0; i < g.half; ++i) padded[t * g.pitch() + i] = 0.0F;
  }
  for (std::size_t i = 0; i < g.half; ++i) padded[g.sums() + i] = 0.0F;
}

// sums[i] = padded[i] + ... + padded[i + 2 half].
[[gnu::always_inline]] inline void window_sums(const Group& g, const float* __restrict padded,
                                               float* __restrict sums) {
  const std::size_t n = g.sums();
  if (g.half == 2) {  // the nets' own size, in one pass
    for (std::size_t i = 0; i < n; ++i) {
      sums[i] = padded[i] + padded[i + 1] + padded[i + 2] + padded[i + 3] + padded[i + 4];
    }
    return;
  }
  for (std::size_t i = 0; i < n; ++i) sums[i] = padded[i];
  for (std::size_t o = 1; o <= 2 * g.half; ++o) {
    for (std::size_t i = 0; i < n; ++i) sums[i] += padded[i + o];
  }
}

// power = s^-beta, inverse = 1 / s.
[[gnu::always_inline]] inline void powers(const float* __restrict s, std::size_t n, float beta,
                                          float* __restrict power, float* __restrict inverse) {
  if (beta == 0.75F) {
    for (std::size_t i = 0; i < n; ++i) {
      const float root = 1.0F / std::sqrt(s[i]);
      power[i] = root * std::sqrt(root);
      inverse[i] = root * root;
    }
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    power[i] = std::pow(s[i], -beta);
    inverse[i] = 1.0F / s[i];
  }
}

struct Powers {
  Buffer power, inverse;
};

// Of a group's scales. `padded` is work space.
[[gnu::always_inline]] inline void scale_powers(const LrnFactors& f, const Group& g,
                                                const float* __restrict from, Buffer& padded,
                                                Powers& out) {
  Buffer scale;
  zero_gaps(g, padded.data());
  for (std::size_t t = 0; t < g.towers; ++t) {
    float* __restrict square = padded.data() + g.half + t * g.pitch();
    const float* __restrict a = from + t * g.tower;
    for (std::size_t i = 0; i < g.tower; ++i) square[i] = a[i] * a[i];
  }
  window_sums(g, padded.data(), scale.data());
  for (std::size_t i = 0; i < g.sums(); ++i) scale[i] = f.k + f.alpha * scale[i];
  powers(scale.data(), g.sums(), f.beta, out.power.data(), out.inverse.data());
}

[[gnu::always_inline]] inline void lrn_group(const LrnFactors& f, const Group& g,
                                             const float* __restrict from, float* __restrict to) {
  Buffer padded;
  Powers p;
  scale_powers(f, g, from, padded, p);
  for (std::size_t t = 0; t < g.towers; ++t) {
    const std::size_t at = t * g.tower, in = t * g.pitch();
    for (std::size_t i = 0; i < g.tower; ++i) to[at + i] = from[at + i] * p.power[in + i];
  }
}

// d a_i = g_i s_i^-beta - 2 alpha beta a_i * sum over the window of g_j a_j s_j^(-beta - 1).
[[gnu::always_inline]] inline void lrn_backward_group(const LrnFactors& f, const Group& g,
                                                      ReluMask mask, const float* __restrict from,
                                                      const float* __restrict gradient,
                                                      float* __restrict to) {
  Buffer padded, sums;
  Powers p;
  scale_powers(f, g, from, padded, p);
  for (std::size_t t = 0; t < g.towers; ++t) {  // the gaps are still zero
    float* __restrict term = padded.data() + g.half + t * g.pitch();
    const std::size_t at = t * g.tower, in = t * g.pitch();
    for (std::size_t i = 0; i < g.tower; ++i) {
      term[i] = gradient[at + i] * from[at + i] * p.power[in + i] * p.inverse[in + i];
    }
  }
  window_sums(g, padded.data(), sums.data());
  const float factor = 2.0F * f.alpha * f.beta;
  const float floor = mask == ReluMask::masked ? 0.0F : -HUGE_VALF;
  for (std::size_t t = 0; t < g.towers; ++t) {
    const std::size_t at = t * g.tower, in = t * g.pitch();
    for (std::size_t i = 0; i < g.tower; ++i) {
      const float a = from[at + i];
      const float value = gradient[at + i] * p.power[in + i] - factor * a * sums[in + i];
      to[at + i] = a > floor ? value : 0.0F;
    }
  }
}

// Towers of a group: as many as keep all buffers in the first cache, and at least one.
[[gnu::always_inline]] inline Group group_at(const LrnFactors& f, std::size_t towers_left) {
  const std::size_t fitting = std::max<std::size_t>(kLrnFloats / 2 / (f.tower + f.half), 1);
  return {.towers = std::min(fitting, towers_left), .tower = f.tower, .half = f.half};
}

}  // namespace

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void lrn(
    const LrnFactors& factors, const float* from, std::size_t floats, float* to) {
  for (std::size_t at = 0; at < floats;) {
    const Group group = group_at(factors, (floats - at) / factors.tower);
    lrn_group(factors, group, from + at, to + at);
    at += group.towers * group.tower;
  }
}

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void lrn_backward(
    const LrnFactors& factors, ReluMask mask, const float* from, const float* gradient,
    std::size_t floats, float* to) {
  for (std::size_t at = 0; at < floats;) {
    const Group group = group_at(factors, (floats - at) / factors.tower);
    lrn_backward_group(factors, group, mask, from + at, gradient + at, to + at);
    at += group.towers * group.tower;
  }
}

}  // namespace sluice::onednn::kernels
