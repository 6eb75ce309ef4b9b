// A vector holds one channel of neighbouring pixels.
#include "augment/simd/matrix.h"

#include "augment/plain/matrix.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/matrix.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "augment/simd/pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR  // no vectors: what the compiler makes of the plain loops is faster

template <class From, class To>
void matrix_any(const PixelLoop<From, To>& loop, const ColourAffine& affine) {
  plain::matrix(loop, affine);
}

#else

HWY_INLINE Value row_of(const Pixels& in, const Rgb& row, float offset) {
  const Value two = hn::Add(hn::Mul(hn::Set(Values(), row[0]), in.red),
                            hn::Mul(hn::Set(Values(), row[1]), in.green));
  return hn::Add(hn::Add(two, hn::Mul(hn::Set(Values(), row[2]), in.blue)),
                 hn::Set(Values(), offset));
}

template <class From, class To>
void matrix_any(const PixelLoop<From, To>& loop, const ColourAffine& affine) {
  const ColourAffine by = affine;  // a local copy cannot alias what is written
  const auto rest = each_step(loop, [&](const Pixels& in) {
    return Pixels{row_of(in, by.factor[0], by.offset[0]), row_of(in, by.factor[1], by.offset[1]),
                  row_of(in, by.factor[2], by.offset[2])};
  });
  plain::matrix(rest, affine);
}

#endif

void matrix_bytes(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ColourAffine& affine) {
  matrix_any(loop, affine);
}
void matrix_to_floats(const PixelLoop<std::uint8_t, float>& loop, const ColourAffine& affine) {
  matrix_any(loop, affine);
}
void matrix_floats(const PixelLoop<float, float>& loop, const ColourAffine& affine) {
  matrix_any(loop, affine);
}

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(matrix_bytes);
HWY_EXPORT(matrix_to_floats);
HWY_EXPORT(matrix_floats);

void matrix(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ColourAffine& affine) {
  HWY_DYNAMIC_DISPATCH(matrix_bytes)(loop, affine);
}
void matrix(const PixelLoop<std::uint8_t, float>& loop, const ColourAffine& affine) {
  HWY_DYNAMIC_DISPATCH(matrix_to_floats)(loop, affine);
}
void matrix(const PixelLoop<float, float>& loop, const ColourAffine& affine) {
  HWY_DYNAMIC_DISPATCH(matrix_floats)(loop, affine);
}

}  // namespace sluice::augment::simd
#endif
