#include "runtime/backend/onednn/tanh_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/backend/onednn/tanh_kernel.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

#include "runtime/backend/onednn/lane_parts.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::onednn::kernels::HWY_NAMESPACE {
namespace {

template <class T>
void forward(const TanhFactors& factors, const T* from, std::size_t count, T* to) {
  const Float d;
  const Vector amplitude = hn::Set(d, factors.amplitude), slope = hn::Set(d, factors.slope);
  for_each_part(count, [&](auto part, std::size_t i) HWY_ATTR {
    const Vector inside = hn::Mul(slope, part.load(from + i));
    part.store(hn::Mul(amplitude, hn::Tanh(d, inside)), to + i);
  });
}

template <class T>
void backward(const TanhFactors& factors, const T* result, std::size_t count, T* gradient) {
  const Float d;
  const Vector most = hn::Set(d, factors.slope * factors.amplitude);
  const Vector curve = hn::Set(d, factors.slope / factors.amplitude);
  for_each_part(count, [&](auto part, std::size_t i) HWY_ATTR {
    const Vector y = part.load(result + i);
    const Vector derivative = hn::NegMulAdd(hn::Mul(curve, y), y, most);
    part.store(hn::Mul(derivative, part.load(gradient + i)), gradient + i);
  });
}

// Highway exports no templates.
void forward_f32(const TanhFactors& f, const float* from, std::size_t count, float* to) {
  forward(f, from, count, to);
}
void forward_bf16(const TanhFactors& f, const Bf16* from, std::size_t count, Bf16* to) {
  forward(f, from, count, to);
}
void backward_f32(const TanhFactors& f, const float* result, std::size_t count, float* gradient) {
  backward(f, result, count, gradient);
}
void backward_bf16(const TanhFactors& f, const Bf16* result, std::size_t count, Bf16* gradient) {
  backward(f, result, count, gradient);
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

void tanh(const TanhFactors& factors, const float* from, std::size_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(forward_f32)(factors, from, count, to);
}

void tanh(const TanhFactors& factors, const Bf16* from, std::size_t count, Bf16* to) {
  HWY_DYNAMIC_DISPATCH(forward_bf16)(factors, from, count, to);
}

void tanh_backward(const TanhFactors& factors, const float* result, std::size_t count,
                   float* gradient) {
  HWY_DYNAMIC_DISPATCH(backward_f32)(factors, result, count, gradient);
}

void tanh_backward(const TanhFactors& factors, const Bf16* result, std::size_t count,
                   Bf16* gradient) {
  HWY_DYNAMIC_DISPATCH(backward_bf16)(factors, result, count, gradient);
}

}  // namespace sluice::onednn::kernels
#endif
