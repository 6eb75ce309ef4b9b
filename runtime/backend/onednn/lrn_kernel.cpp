// Towers are worked on in groups, with zeros between them where windows leave a tower:
//   zeros(half) tower zeros(half) tower ... zeros(half)
// Each step runs over the whole group before the next begins: a window that read what was stored
// just before it would wait for the store.
#include "runtime/backend/onednn/lrn_kernel.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/backend/onednn/lrn_kernel.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

#include "runtime/backend/onednn/lane_parts.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::onednn::kernels::HWY_NAMESPACE {
namespace {

// Whole vectors may write beyond a tower.
using Buffer = std::array<float, 2 * kLrnFloats + kMostPartLanes>;

// A window's sum over buffer index i stands at index i - half.
struct Group {
  std::size_t towers, tower, half;
  std::size_t pitch() const { return tower + half; }
  std::size_t floats() const { return towers * tower; }
};

// step(part, i, p): a part of a tower that stands at i in the group and at p in its buffers (less
// `half`).
template <class Step>
HWY_INLINE void for_each_vector(const Group& g, const Step& step) {
  for (std::size_t t = 0; t < g.towers; ++t) {
    for_each_part(g.tower, [&](auto part, std::size_t c)
                               HWY_ATTR { step(part, t * g.tower + c, t * g.pitch() + c); });
  }
}

// After the towers were written: their last vectors may have reached into the gaps.
HWY_INLINE void zero_gaps(const Group& g, float* padded) {
  for (std::size_t t = 0; t <= g.towers; ++t) {
    for (std::size_t i = 0; i < g.half; ++i) padded[t * g.pitch() + i] = 0.0F;
  }
}

template <class T>
HWY_INLINE void pad_squares(const Group& g, const T* from, float* padded) {
  for_each_vector(g, [&](auto part, std::size_t i, std::size_t p) HWY_ATTR {
    const Vector a = part.load(from + i);
    hn::StoreU(hn::Mul(a, a), Float(), padded + g.half + p);
  });
  zero_gaps(g, padded);
}

struct Powers {
  Vector power;    // s^-beta
  Vector inverse;  // 1 / s
};

// Windows of 5 maps and beta 0.75: all published nets.
struct Published {
  static HWY_INLINE Vector window_sum(const float* padded) {
    const Float d;
    const Vector one = hn::LoadU(d, padded), five = hn::LoadU(d, padded + 4);
    const Vector two = hn::Add(hn::LoadU(d, padded + 1), hn::LoadU(d, padded + 2));
    return hn::Add(hn::Add(one, two), hn::Add(hn::LoadU(d, padded + 3), five));
  }

  // The third and fourth power of y = s^-1/4. Estimates of roots have 14 bits with AVX-512 and 8 or
  // more elsewhere; each of Newton's steps doubles them.
  static HWY_INLINE Powers powers(Vector s) {
    constexpr int kSteps = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL ? 1 : 2;
    const Float d;
    Vector y = hn::ApproximateReciprocalSqrt(hn::Mul(s, hn::ApproximateReciprocalSqrt(s)));
    Vector square = hn::Mul(y, y);
    for (int step = 0; step < kSteps; ++step) {  // y <- y (5 - s y^4) / 4
      const Vector quarter = hn::Mul(hn::Mul(square, square), hn::Mul(s, hn::Set(d, -0.25F)));
      y = hn::Mul(y, hn::Add(quarter, hn::Set(d, 1.25F)));
      square = hn::Mul(y, y);
    }
    return {hn::Mul(square, y), hn::Mul(square, square)};
  }
};

struct AnyConstants {
  std::size_t half;
  float beta;

  // padded[0] + ... + padded[2 half], and so on.
  HWY_INLINE Vector window_sum(const float* padded) const {
    Vector sum = hn::LoadU(Float(), padded);
    for (std::size_t o = 1; o <= 2 * half; ++o) {
      sum = hn::Add(sum, hn::LoadU(Float(), padded + o));
    }
    return sum;
  }

  HWY_INLINE Powers powers(Vector s) const {
    const Float d;
    HWY_ALIGN std::array<float, kMostPartLanes> lanes;
    hn::Store(s, d, lanes.data());
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = std::pow(lanes[i], -beta);
    return {hn::Load(d, lanes.data()), hn::Div(hn::Set(d, 1.0F), s)};
  }
};

// The powers of the scales at some place of the padded squares.
template <class Constants>
struct Scale {
  Constants constants;
  Vector alpha, k;

  Scale(const LrnFactors& f, const Constants& those)
      : constants(those), alpha(hn::Set(Float(), f.alpha)), k(hn::Set(Float(), f.k)) {}
  HWY_INLINE Powers powers(const float* padded) const {
    return constants.powers(hn::MulAdd(alpha, constants.window_sum(padded), k));
  }
};

template <class Constants, class T>
HWY_INLINE void lrn_group(const Scale<Constants>& scale, const Group& g, const T* from, T* to) {
  HWY_ALIGN Buffer squares;
  pad_squares(g, from, squares.data());
  for_each_vector(g, [&](auto part, std::size_t i, std::size_t p) HWY_ATTR {
    hwy::Prefetch(from + g.floats() + i);
    const Vector power = scale.powers(squares.data() + p).power;
    part.store(hn::Mul(part.load(from + i), power), to + i);
  });
}

// What backward reads and writes.
template <class T>
struct Slopes {
  const T* from;
  const T* gradient;
  T* to;
};

// d a_i = g_i s_i^-beta + factor a_i * sum over the window of g_j a_j s_j^(-beta - 1), with
// factor = -2 alpha beta; 0 where a_i is not above `floor`.
struct Rule {
  Vector factor, floor;
};

template <class Constants, class T>
HWY_INLINE void lrn_backward_group(const Scale<Constants>& scale, const Group& g, const Rule& rule,
                                   const Slopes<T>& slopes) {
  const Float d;
  HWY_ALIGN Buffer squares, direct, terms;
  pad_squares(g, slopes.from, squares.data());
  for_each_vector(g, [&](auto part, std::size_t i, std::size_t p) HWY_ATTR {
    hwy::Prefetch(slopes.from + g.floats() + i);
    const Powers s = scale.powers(squares.data() + p);
    const Vector first = hn::Mul(part.load(slopes.gradient + i), s.power);
    hn::StoreU(first, d, direct.data() + p);
    hn::StoreU(hn::Mul(hn::Mul(first, s.inverse), part.load(slopes.from + i)), d,
               terms.data() + g.half + p);
  });
  zero_gaps(g, terms.data());
  for_each_vector(g, [&](auto part, std::size_t i, std::size_t p) HWY_ATTR {
    const Vector a = part.load(slopes.from + i);
    const Vector sum = scale.constants.window_sum(terms.data() + p);
    const Vector value = hn::MulAdd(hn::Mul(rule.factor, a), sum, hn::LoadU(d, direct.data() + p));
    part.store(hn::IfThenElseZero(hn::Gt(a, rule.floor), value), slopes.to + i);
  });
}

// work(group, first float) for the groups of `floats` values: as many towers as keep all buffers
// in the first cache, and at least one.
template <class Work>
HWY_INLINE void for_each_group(const LrnFactors& f, std::size_t floats, const Work& work) {
  const std::size_t fitting = std::max<std::size_t>(kLrnFloats / 2 / (f.tower + f.half), 1);
  for (std::size_t at = 0; at < floats;) {
    const std::size_t towers = std::min(fitting, (floats - at) / f.tower);
    const Group group{.towers = towers, .tower = f.tower, .half = f.half};
    work(group, at);
    at += group.floats();
  }
}

template <class Constants, class T>
HWY_INLINE void forward_with(const Constants& constants, const LrnFactors& f, const T* from,
                             std::size_t floats, T* to) {
  const Scale<Constants> scale(f, constants);
  for_each_group(f, floats, [&](const Group& group, std::size_t at) HWY_ATTR {
    lrn_group(scale, group, from + at, to + at);
  });
}

template <class Constants, class T>
HWY_INLINE void backward_with(const Constants& constants, const LrnFactors& f, ReluMask mask,
                              const Slopes<T>& slopes, std::size_t floats) {
  const Scale<Constants> scale(f, constants);
  const Rule rule{.factor = hn::Set(Float(), -2.0F * f.alpha * f.beta),
                  .floor = hn::Set(Float(), mask == ReluMask::masked ? 0.0F : -HUGE_VALF)};
  for_each_group(f, floats, [&](const Group& group, std::size_t at) HWY_ATTR {
    const Slopes<T> there{slopes.from + at, slopes.gradient + at, slopes.to + at};
    lrn_backward_group(scale, group, rule, there);
  });
}

bool published(const LrnFactors& f) { return f.half == 2 && f.beta == 0.75F; }

template <class T>
void forward(const LrnFactors& f, const T* from, std::size_t floats, T* to) {
  if (published(f)) return forward_with(Published{}, f, from, floats, to);
  forward_with(AnyConstants{f.half, f.beta}, f, from, floats, to);
}

template <class T>
void backward(const LrnFactors& f, ReluMask mask, const Slopes<T>& slopes, std::size_t floats) {
  if (published(f)) return backward_with(Published{}, f, mask, slopes, floats);
  backward_with(AnyConstants{f.half, f.beta}, f, mask, slopes, floats);
}

void forward_f32(const LrnFactors& f, const float* from, std::size_t floats, float* to) {
  forward(f, from, floats, to);
}
void forward_bf16(const LrnFactors& f, const Bf16* from, std::size_t floats, Bf16* to) {
  forward(f, from, floats, to);
}
void backward_f32(const LrnFactors& f, ReluMask mask, const float* from, const float* gradient,
                  std::size_t floats, float* to) {
  backward(f, mask, Slopes<float>{from, gradient, to}, floats);
}
void backward_bf16(const LrnFactors& f, ReluMask mask, const Bf16* from, const Bf16* gradient,
                   std::size_t floats, Bf16* to) {
  backward(f, mask, Slopes<Bf16>{from, gradient, to}, floats);
}

}  // namespace
}  // namespace sluice::onednn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::onednn::kernels {
namespace {

HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_bf16);
HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_bf16);

}  // namespace

void lrn(const LrnFactors& factors, const float* from, std::size_t floats, float* to) {
  HWY_DYNAMIC_DISPATCH(forward_f32)(factors, from, floats, to);
}

void lrn(const LrnFactors& factors, const Bf16* from, std::size_t floats, Bf16* to) {
  HWY_DYNAMIC_DISPATCH(forward_bf16)(factors, from, floats, to);
}

void lrn_backward(const LrnFactors& factors, ReluMask mask, const float* from,
                  const float* gradient, std::size_t floats, float* to) {
  HWY_DYNAMIC_DISPATCH(backward_f32)(factors, mask, from, gradient, floats, to);
}

void lrn_backward(const LrnFactors& factors, ReluMask mask, const Bf16* from, const Bf16* gradient,
                  std::size_t floats, Bf16* to) {
  HWY_DYNAMIC_DISPATCH(backward_bf16)(factors, mask, from, gradient, floats, to);
}

}  // namespace sluice::onednn::kernels
#endif
