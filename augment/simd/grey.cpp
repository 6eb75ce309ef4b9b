// Four pixels share each sixteen bytes of a vector: R and G are weighed together, then G and B, as
// the weight of G takes more than fifteen bits. The grey is then the third byte of each sum.
#include "augment/simd/grey.h"

#include "augment/plain/grey.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/grey.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Loop = PixelLoop<std::uint8_t, std::uint8_t>;

#if HWY_TARGET == HWY_SCALAR  // no vectors, no shuffles

void grey_bytes(Loop loop) { plain::grey(loop); }

#else

using Bytes = hn::ScalableTag<std::uint8_t>;
using Pixels = hn::ScalableTag<std::uint32_t>;  // a lane each
using Sums = hn::ScalableTag<std::int32_t>;
using Pairs = hn::ScalableTag<std::int16_t>;
using Vector = hn::Vec<Bytes>;
constexpr std::size_t kLanes = hn::MaxLanes(Bytes());
constexpr std::size_t kPixels = kLanes / 4;  // a step

// Weights of the two halves of a lane.
HWY_INLINE hn::Vec<Pairs> weights(std::uint32_t lower, std::uint32_t upper) {
  return hn::BitCast(Pairs(), hn::Set(Pixels(), lower | upper << 16));
}

// Sixteen bytes for twelve, from three lanes of four bytes each; and twelve for sixteen.
struct Spread {
  alignas(64) std::int32_t apart[kPixels];
  alignas(64) std::int32_t together[kPixels];

  Spread() {
    for (std::size_t i = 0; i < kPixels; ++i) {
      apart[i] = static_cast<std::int32_t>(i / 4 * 3 + i % 4 % 3);
      together[i] =
          static_cast<std::int32_t>(i / 3 * 4 + i % 3) % static_cast<std::int32_t>(kPixels);
    }
  }
};

class Grey {
 public:
  explicit Grey(const Spread& spread = {})
      : apart_(hn::SetTableIndices(Pixels(), spread.apart)),
        together_(hn::SetTableIndices(Pixels(), spread.together)),
        red_green_(hn::LoadDup128(Bytes(), kRedGreen)),
        green_blue_(hn::LoadDup128(Bytes(), kGreenBlue)),
        third_(hn::LoadDup128(Bytes(), kThird)),
        half_(hn::Set(Sums(), 1 << 15)) {}

  // The first kPixels pixels of `values`; what follows them in the result means nothing.
  HWY_INLINE Vector operator()(Vector values) const {
    const Vector apart = moved(values, apart_);
    const auto first = hn::BitCast(Pairs(), hn::TableLookupBytesOr0(apart, red_green_));
    const auto second = hn::BitCast(Pairs(), hn::TableLookupBytesOr0(apart, green_blue_));
    auto rest = hn::Zero(Sums());
    auto sum = hn::ReorderWidenMulAccumulate(Sums(), first, weights(19595, 19235), half_, rest);
    sum = hn::ReorderWidenMulAccumulate(Sums(), second, weights(19235, 7471), sum, rest);
    sum = hn::RearrangeToOddPlusEven(sum, rest);
    return moved(hn::TableLookupBytes(hn::BitCast(Bytes(), sum), third_), together_);
  }

 private:
  using Indices = decltype(hn::SetTableIndices(Pixels(), static_cast<std::int32_t*>(nullptr)));
  static HWY_INLINE Vector moved(Vector bytes, Indices lanes) {
    return hn::BitCast(Bytes(), hn::TableLookupLanes(hn::BitCast(Pixels(), bytes), lanes));
  }

  alignas(16) static constexpr std::uint8_t kRedGreen[16] = {0, 128, 1, 128, 3, 128, 4,  128,
                                                             6, 128, 7, 128, 9, 128, 10, 128};
  alignas(16) static constexpr std::uint8_t kGreenBlue[16] = {1, 128, 2, 128, 4,  128, 5,  128,
                                                              7, 128, 8, 128, 10, 128, 11, 128};
  alignas(16) static constexpr std::uint8_t kThird[16] = {2,  2,  2,  6,  6,  6,  10, 10,
                                                          10, 14, 14, 14, 14, 14, 14, 14};
  Indices apart_, together_;
  Vector red_green_, green_blue_, third_;
  hn::Vec<Sums> half_;
};

// Three quarters of a vector are stored, a half and a quarter.
HWY_INLINE void store(Vector bytes, std::uint8_t* to) {
  const hn::Half<Bytes> half;
  const hn::Half<hn::Half<Bytes> > quarter;
  hn::StoreU(hn::LowerHalf(bytes), half, to);
  hn::StoreU(hn::LowerHalf(quarter, hn::UpperHalf(half, bytes)), quarter, to + kLanes / 2);
}

// A whole vector is loaded, so there is more than a step left.
void grey_bytes(Loop loop) {
  const Grey grey;
  for (; loop.pixels * 3 >= kLanes; loop.pixels -= kPixels) {
    store(grey(hn::LoadU(Bytes(), loop.from)), loop.to);
    loop.from += kPixels * 3;
    loop.to += kPixels * 3;
  }
  plain::grey(loop);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(grey_bytes);

void grey(const PixelLoop<std::uint8_t, std::uint8_t>& loop) {
  HWY_DYNAMIC_DISPATCH(grey_bytes)(loop);
}

}  // namespace sluice::augment::simd
#endif
