// Vectors hold whole pixels and a rest: five u8 pixels and a byte (21 where bytes can be shuffled
// all over 64, VBMI), or one f32 pixel and a float. The rest is written too, and overwritten by the
// next store; the end of a row is the plain twin's. Reads go up and writes go down: rows that are
// read from their ends come from memory several times slower (tests/bench/peers/augment.py, flip).
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

using Block = hn::FixedTag<std::uint8_t, 16>;
HWY_INLINE hn::Vec<Block> placed(hn::Vec<Block> bytes, hn::Vec<Block> order) {
  return hn::TableLookupBytes(bytes, order);
}

#if HWY_TARGET == HWY_AVX3_DL
using Wide = hn::FixedTag<std::uint8_t, 64>;
HWY_INLINE hn::Vec<Wide> placed(hn::Vec<Wide> bytes, hn::Vec<Wide> order) {
  return hn::Vec<Wide>{_mm512_permutexvar_epi8(order.raw, bytes.raw)};
}
#else
using Wide = Block;
#endif

// Whole pixels of a vector in reverse, behind the byte that is left.
template <class D>
class Reverse {
 public:
  static constexpr std::size_t kBytes = hn::MaxLanes(D());
  static constexpr int kPixels = kBytes / 3;

  Reverse() {
    HWY_ALIGN std::uint8_t order[kBytes] = {};
    for (std::size_t i = 1; i < kBytes; ++i)
      order[i] = static_cast<std::uint8_t>((kPixels - 1 - (i - 1) / 3) * 3 + (i - 1) % 3);
    order_ = hn::Load(D(), order);
  }

  // Of `left` pixels from `begin` on, whose mirror image ends at `end`.
  HWY_INLINE void operator()(const std::uint8_t*& begin, std::uint8_t*& end, int& left) const {
    for (; left > kPixels; left -= kPixels, begin += 3 * kPixels, end -= 3 * kPixels)
      hn::StoreU(placed(hn::LoadU(D(), begin), order_), D(), end - kBytes);
  }

 private:
  hn::Vec<D> order_;
};

void mirror_u8(const std::uint8_t* from, int width, int rows, std::uint8_t* to) {
  const Reverse<Wide> wide;
  const Reverse<Block> narrow;
  const auto length = static_cast<std::size_t>(width) * 3;
  for (int y = 0; y < rows; ++y, from += length, to += length) {
    const std::uint8_t* begin = from;
    std::uint8_t* end = to + length;
    int left = width;  // pixels that are not yet in `to`
    wide(begin, end, left);
    narrow(begin, end, left);
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
