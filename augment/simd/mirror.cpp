// Vectors hold whole pixels and a rest: five u8 pixels and a byte, or one f32 pixel and a float.
// The rest is written too, and overwritten by the next store; the end of a row is the plain twin's.
// Reads go up and writes go down: rows that are read from their ends come from memory several times
// slower (tests/bench/peers/augment.py, flip).
#include "augment/simd/mirror.h"

#include "augment/plain/mirror.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/mirror.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors, no shuffles

template <class T>
void mirror_any(const T* from, int width, int rows, T* to) {
  const auto length = static_cast<std::size_t>(width) * 3;
  for (int y = 0; y < rows; ++y, from += length, to += length) plain::mirror_row(from, width, to);
}
void mirror_u8(const std::uint8_t* from, int width, int rows, std::uint8_t* to) {
  mirror_any(from, width, rows, to);
}
void mirror_f32(const float* from, int width, int rows, float* to) {
  mirror_any(from, width, rows, to);
}

#else

void mirror_u8(const std::uint8_t* from, int width, int rows, std::uint8_t* to) {
  const hn::FixedTag<std::uint8_t, 16> block;
  HWY_ALIGN static constexpr std::uint8_t kOrder[16] = {0, 12, 13, 14, 9, 10, 11, 6,
                                                        7, 8,  3,  4,  5, 0,  1,  2};
  const auto order = hn::Load(block, kOrder);
  const auto length = static_cast<std::size_t>(width) * 3;
  for (int y = 0; y < rows; ++y, from += length, to += length) {
    const std::uint8_t* begin = from;
    std::uint8_t* end = to + length;
    int left = width;  // pixels that are not yet in `to`
    for (; left >= 6; left -= 5, begin += 15, end -= 15)
      hn::StoreU(hn::TableLookupBytes(hn::LoadU(block, begin), order), block, end - 16);
    plain::mirror_row(begin, left, to);
  }
}

void mirror_f32(const float* from, int width, int rows, float* to) {
  const hn::FixedTag<float, 4> block;
  const auto length = static_cast<std::size_t>(width) * 3;
  for (int y = 0; y < rows; ++y, from += length, to += length) {
    const float* begin = from;
    float* end = to + length;
    int left = width;
    for (; left >= 2; --left, begin += 3, end -= 3)
      hn::StoreU(hn::Shuffle2103(hn::LoadU(block, begin)), block, end - 4);
    plain::mirror_row(begin, left, to);
  }
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(mirror_u8);
HWY_EXPORT(mirror_f32);

void mirror(ConstImageView from, ImageView to) {
  const Extent extent = from.extent;
  if (extent.pixels() == 0) return;
  if (from.type == PixelType::u8)
    HWY_DYNAMIC_DISPATCH(mirror_u8)(from.u8(0), extent.width, extent.height, to.u8(0));
  else
    HWY_DYNAMIC_DISPATCH(mirror_f32)(from.f32(0), extent.width, extent.height, to.f32(0));
}

}  // namespace sluice::augment::simd
#endif
