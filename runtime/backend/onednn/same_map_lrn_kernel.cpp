#include "runtime/backend/onednn/same_map_lrn_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/backend/onednn/same_map_lrn_kernel.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

#include "runtime/backend/onednn/lane_parts.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::onednn::kernels::HWY_NAMESPACE {
namespace {

template <class T>
void squares(std::span<const T* const> rows, std::size_t count, float* sums) {
  for_each_part(count, [&](auto part, std::size_t i) HWY_ATTR {
    Vector sum = hn::Zero(Float());
    for (const T* row : rows) {
      const Vector value = part.load(row + i);
      sum = hn::MulAdd(value, value, sum);
    }
    part.store(sum, sums + i);
  });
}

void values(std::span<const float* const> rows, std::size_t count, float* sums) {
  for_each_part(count, [&](auto part, std::size_t i) HWY_ATTR {
    Vector sum = hn::Zero(Float());
    for (const float* row : rows) sum = hn::Add(sum, part.load(row + i));
    part.store(sum, sums + i);
  });
}

template <class Part>
HWY_INLINE Vector window_sum(const SameMapRow& row, const Part& part, std::size_t i) {
  Vector sum = part.load(row.columns + i);
  for (std::size_t pixel = 1; pixel <= 2 * row.half; ++pixel) {
    sum = hn::Add(sum, part.load(row.columns + i + pixel * row.channels));
  }
  return sum;
}

// s and s^-beta at some place of a row.
class Scale {
 public:
  Scale(const SameMapFactors& f, const SameMapRow& row)
      : row_(row),
        alpha_(hn::Set(Float(), f.alpha)),
        k_(hn::Set(Float(), f.k)),
        exponent_(hn::Set(Float(), -f.beta)),
        published_(f.beta == 0.75F) {}

  template <class Part>
  HWY_INLINE Vector at(const Part& part, std::size_t i) const {
    return hn::MulAdd(alpha_, window_sum(row_, part, i), k_);
  }
  HWY_INLINE Vector power(Vector s) const {
    const Float d;
    if (published_) {  // s^-3/4
      const Vector root = hn::Sqrt(s);
      return hn::Div(hn::Set(d, 1.0F), hn::Mul(root, hn::Sqrt(root)));
    }
    return hn::Exp(d, hn::Mul(exponent_, hn::Log(d, s)));
  }

 private:
  const SameMapRow& row_;
  Vector alpha_, k_, exponent_;
  bool published_;
};

template <class T>
void forward(const SameMapFactors& f, const SameMapRow& row, const T* from, T* to) {
  const Scale scale(f, row);
  for_each_part(row.count, [&](auto part, std::size_t i) HWY_ATTR {
    part.store(hn::Mul(part.load(from + i), scale.power(scale.at(part, i))), to + i);
  });
}

template <class T>
void make_terms(const SameMapFactors& f, const SameMapRow& row, const T* from, const T* gradient,
                const SameMapTerms& result) {
  const Scale scale(f, row);
  for_each_part(row.count, [&](auto part, std::size_t i) HWY_ATTR {
    const Vector s = scale.at(part, i);
    const Vector direct = hn::Mul(part.load(gradient + i), scale.power(s));
    part.store(direct, result.direct + i);
    part.store(hn::Div(hn::Mul(direct, part.load(from + i)), s), result.terms + i);
  });
}

template <class T>
void backward(const SameMapFactors& f, const SameMapRow& row, const T* from, const float* direct,
              T* to) {
  const Vector factor = hn::Set(Float(), -2.0F * f.alpha * f.beta);
  for_each_part(row.count, [&](auto part, std::size_t i) HWY_ATTR {
    const Vector pulled = hn::Mul(factor, part.load(from + i));
    part.store(hn::MulAdd(pulled, window_sum(row, part, i), part.load(direct + i)), to + i);
  });
}

// Highway exports no templates.
void squares_f32(std::span<const float* const> rows, std::size_t count, float* sums) {
  squares(rows, count, sums);
}
void squares_bf16(std::span<const Bf16* const> rows, std::size_t count, float* sums) {
  squares(rows, count, sums);
}
void forward_f32(const SameMapFactors& f, const SameMapRow& row, const float* from, float* to) {
  forward(f, row, from, to);
}
void forward_bf16(const SameMapFactors& f, const SameMapRow& row, const Bf16* from, Bf16* to) {
  forward(f, row, from, to);
}
void terms_f32(const SameMapFactors& f, const SameMapRow& row, const float* from,
               const float* gradient, const SameMapTerms& result) {
  make_terms(f, row, from, gradient, result);
}
void terms_bf16(const SameMapFactors& f, const SameMapRow& row, const Bf16* from,
                const Bf16* gradient, const SameMapTerms& result) {
  make_terms(f, row, from, gradient, result);
}
void backward_f32(const SameMapFactors& f, const SameMapRow& row, const float* from,
                  const float* direct, float* to) {
  backward(f, row, from, direct, to);
}
void backward_bf16(const SameMapFactors& f, const SameMapRow& row, const Bf16* from,
                   const float* direct, Bf16* to) {
  backward(f, row, from, direct, to);
}

}  // namespace
}  // namespace sluice::onednn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::onednn::kernels {
namespace {

HWY_EXPORT(squares_f32);
HWY_EXPORT(squares_bf16);
HWY_EXPORT(values);
HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_bf16);
HWY_EXPORT(terms_f32);
HWY_EXPORT(terms_bf16);
HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_bf16);

}  // namespace

void sum_squares(std::span<const float* const> rows, std::size_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(squares_f32)(rows, count, sums);
}
void sum_squares(std::span<const Bf16* const> rows, std::size_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(squares_bf16)(rows, count, sums);
}
void sum_values(std::span<const float* const> rows, std::size_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(values)(rows, count, sums);
}

void same_map_lrn(const SameMapFactors& factors, const SameMapRow& row, const float* from,
                  float* to) {
  HWY_DYNAMIC_DISPATCH(forward_f32)(factors, row, from, to);
}
void same_map_lrn(const SameMapFactors& factors, const SameMapRow& row, const Bf16* from,
                  Bf16* to) {
  HWY_DYNAMIC_DISPATCH(forward_bf16)(factors, row, from, to);
}

void same_map_terms(const SameMapFactors& factors, const SameMapRow& row, const float* from,
                    const float* gradient, const SameMapTerms& result) {
  HWY_DYNAMIC_DISPATCH(terms_f32)(factors, row, from, gradient, result);
}
void same_map_terms(const SameMapFactors& factors, const SameMapRow& row, const Bf16* from,
                    const Bf16* gradient, const SameMapTerms& result) {
  HWY_DYNAMIC_DISPATCH(terms_bf16)(factors, row, from, gradient, result);
}

void same_map_lrn_backward(const SameMapFactors& factors, const SameMapRow& row, const float* from,
                           const float* direct, float* to) {
  HWY_DYNAMIC_DISPATCH(backward_f32)(factors, row, from, direct, to);
}
void same_map_lrn_backward(const SameMapFactors& factors, const SameMapRow& row, const Bf16* from,
                           const float* direct, Bf16* to) {
  HWY_DYNAMIC_DISPATCH(backward_bf16)(factors, row, from, direct, to);
}

}  // namespace sluice::onednn::kernels
#endif
