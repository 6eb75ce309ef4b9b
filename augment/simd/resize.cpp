// Two passes over rows: across, input rows become rows of sixteen-bit values, of which the last two
// are kept, as neighbouring outputs often share them; down, two of those become an output row.
//
// Across, a window of bytes is loaded and its bytes put where the outputs need them. Which window
// and which bytes is the same for all rows, so it is worked out once. A window has 64 bytes where
// bytes can be shuffled all over such a vector (VBMI), else 16.
#include "augment/simd/resize.h"

#include <algorithm>
#include <span>

#include "augment/plain/resize.h"
#include "augment/plain/sample.h"
#include "augment/scratch.h"
#include "augment/simd/resize_windows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/resize.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors, no shuffles

void resize_u8(const ByteResize& resize) { plain::resize_bilinear(resize); }

#else

using Narrow = hn::FixedTag<std::uint8_t, kNarrow>;
using Kept = hn::ScalableTag<std::int16_t>;

// Bytes of a window, each followed by a zero; a place's highest bit says where the zeros are.
HWY_INLINE hn::Vec<Narrow> placed(hn::Vec<Narrow> window, hn::Vec<Narrow> places) {
  return hn::TableLookupBytesOr0(window, places);
}

#if HWY_TARGET == HWY_AVX3_DL
using Wide = hn::FixedTag<std::uint8_t, kWide>;
HWY_INLINE hn::Vec<Wide> placed(hn::Vec<Wide> window, hn::Vec<Wide> places) {
  return {_mm512_maskz_permutexvar_epi8(0x5555'5555'5555'5555, places.raw, window.raw)};
}
#endif

// What the pass across does to every row. In each window: `places` of the left neighbours' bytes
// (the right ones lie 3 bytes further), and the right neighbours' weights.
template <class D>
class Across {
 public:
  static constexpr std::size_t kBytes = hn::MaxLanes(D());
  static constexpr std::size_t kValues = kBytes / 2;

  Across(const ByteResize& resize, std::span<std::byte>& scratch) {
    const Extent in = resize.from.whole, out = resize.to.whole;
    const int outputs = resize.to.box.extent.width;
    const std::size_t most = windows_at_most(kBytes, in.width, out.width, outputs);
    places_ = take_scratch<std::uint8_t>(scratch, most * kBytes).data();
    weights_ = take_scratch<std::int16_t>(scratch, most * kValues).data();
    windows_ = take_scratch<Window>(scratch, most).data();
    const std::size_t row_bytes = resize.from.view.row_bytes();
    for (int x = 0; x < outputs; ++x) {
      const plain::Pair pair =
          plain::pair_at(resized_position(resize.to.box.left + x, in.width, out.width), in.width);
      const std::size_t left = offset_of(pair.first - resize.from.box.left);
      const std::size_t end = offset_of(pair.second - resize.from.box.left + 1);
      if (x == 0 || !fits(end, offset_of(x)))
        open(std::min(left, row_bytes - kBytes), offset_of(x));
      // Where an edge doubles a pixel, what lies 3 bytes further is not that pixel.
      const std::int32_t weight = pair.first == pair.second ? 0 : pair.weight;
      put(left, static_cast<std::int16_t>(weight), offset_of(x));
    }
  }

  void operator()(const std::uint8_t* from, std::int16_t* to) const {
    const D bytes;
    const hn::Repartition<std::int16_t, D> values;
    const auto pixel = hn::Set(bytes, kChannels);
    for (std::size_t w = 0; w < count_; ++w) {
      const auto window = hn::LoadU(bytes, from + windows_[w].from);
      const auto places = hn::Load(bytes, places_ + w * kBytes);
      const auto left = hn::BitCast(values, placed(window, places));
      const auto right = hn::BitCast(values, placed(window, hn::Add(places, pixel)));
      const auto part = hn::MulFixedPoint15(hn::ShiftLeft<7>(hn::Sub(right, left)),
                                            hn::Load(values, weights_ + w * kValues));
      hn::StoreU(hn::Add(hn::ShiftLeft<7>(left), part), values, to + windows_[w].to);
    }
  }

  // What of a row it will read, from the memory's lines.
  HWY_INLINE void prefetch(const std::uint8_t* from) const {
    const std::uint8_t* end = from + windows_[count_ - 1].from + kBytes;
    for (const std::uint8_t* line = from + windows_[0].from; line < end; line += 64)
      hwy::Prefetch(line);
  }

 private:
  static std::size_t offset_of(int pixel) { return static_cast<std::size_t>(pixel) * kChannels; }

  // Whether input bytes to before `end`, and an output pixel at `value`, have room in the last
  // window.
  bool fits(std::size_t end, std::size_t value) const {
    const Window& last = windows_[count_ - 1];
    return end <= last.from + kBytes && value + kChannels <= last.to + kValues;
  }
  void open(std::size_t from, std::size_t to) {
    windows_[count_] = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)};
    std::fill_n(places_ + count_ * kBytes, kBytes, std::uint8_t{0x80});
    std::fill_n(weights_ + count_ * kValues, kValues, std::int16_t{0});
    ++count_;
  }
  void put(std::size_t left, std::int16_t weight, std::size_t value) {
    const Window& last = windows_[count_ - 1];
    const std::size_t first = (count_ - 1) * kValues + value - last.to;
    for (std::size_t c = 0; c < kChannels; ++c) {
      places_[2 * (first + c)] = static_cast<std::uint8_t>(left + c - last.from);
      weights_[first + c] = weight;
    }
  }

  std::uint8_t* places_ = nullptr;
  std::int16_t* weights_ = nullptr;
  Window* windows_ = nullptr;
  std::size_t count_ = 0;
};

// What the pass down is handed: two rows between the passes, the lower one's weight.
struct Down {
  const std::int16_t* upper = nullptr;
  const std::int16_t* lower = nullptr;
  std::int32_t weight = 0;
  std::size_t values = 0;
};

// The last step overlaps the one before it.
HWY_INLINE void mix_down(const Down& rows, std::uint8_t* to) {
  constexpr std::size_t kLanes = hn::MaxLanes(Kept());
  const hn::Rebind<std::uint8_t, Kept> bytes;
  if (rows.values < kLanes) {
    for (std::size_t i = 0; i < rows.values; ++i)
      to[i] = plain::mixed_down(rows.upper[i], rows.lower[i], rows.weight);
    return;
  }
  const auto weight = hn::Set(Kept(), static_cast<std::int16_t>(rows.weight));
  const auto half = hn::Set(Kept(), 64);
  for (std::size_t step = 0; step < rows.values; step += kLanes) {
    const std::size_t i = std::min(step, rows.values - kLanes);
    const auto upper = hn::LoadU(Kept(), rows.upper + i);
    const auto part =
        hn::MulFixedPoint15(hn::Sub(hn::LoadU(Kept(), rows.lower + i), upper), weight);
    const auto sum = hn::Add(hn::Add(upper, half), part);
    hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<7>(sum)), bytes, to + i);
  }
}

// The two input rows of output row `y` of a part.
HWY_INLINE plain::Pair rows_of(const ByteResize& resize, int y) {
  const int height = resize.from.whole.height;
  return plain::pair_at(resized_position(resize.to.box.top + y, height, resize.to.whole.height),
                        height);
}

// Asks for input rows before they are needed: a part of an image is no stream that a CPU foresees.
template <class D>
class RowsAhead {
 public:
  RowsAhead(const ByteResize& resize, const Across<D>& across) : resize_(resize), across_(across) {}

  // The rows of the output row kAhead below `y`.
  HWY_INLINE void operator()(int y) {
    if (y + kAhead >= resize_.to.box.extent.height) return;
    const plain::Pair pair = rows_of(resize_, y + kAhead);
    for (int row = std::max(asked_ + 1, pair.first); row <= pair.second; ++row)
      across_.prefetch(resize_.from.view.u8(row - resize_.from.box.top));
    asked_ = std::max(asked_, pair.second);
  }

 private:
  static constexpr int kAhead = 3;

  const ByteResize& resize_;
  const Across<D>& across_;
  int asked_ = -1;
};

// An even and an odd row between the passes.
template <class D>
void resize_by(const ByteResize& resize) {
  std::span<std::byte> scratch = resize.scratch;
  const Across<D> across(resize, scratch);
  const ConstImagePart& from = resize.from;
  const ImagePart& to = resize.to;
  const std::size_t length = kept_values(to.box.extent.width);
  const std::span<std::int16_t> kept[2] = {take_scratch<std::int16_t>(scratch, length),
                                           take_scratch<std::int16_t>(scratch, length)};
  int held[2] = {-1, -1};
  const auto row = [&](int y) {
    const std::size_t place = y % 2 == 0 ? 0 : 1;
    if (held[place] != y) across(from.view.u8(y - from.box.top), kept[place].data());
    held[place] = y;
    return kept[place].data();
  };
  RowsAhead<D> ask(resize, across);
  for (int y = 0; y < to.box.extent.height; ++y) {
    ask(y);
    const plain::Pair pair = rows_of(resize, y);
    mix_down({.upper = row(pair.first),
              .lower = row(pair.second),
              .weight = pair.weight,
              .values = static_cast<std::size_t>(to.box.extent.width) * kChannels},
             to.view.u8(y));
  }
}

void resize_u8(const ByteResize& resize) {
  const std::size_t row_bytes = resize.from.view.row_bytes();
#if HWY_TARGET == HWY_AVX3_DL
  if (row_bytes >= kWide) return resize_by<Wide>(resize);
#endif
  if (row_bytes >= kNarrow) return resize_by<Narrow>(resize);
  plain::resize_bilinear(resize);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(resize_u8);

void resize_bilinear(const ByteResize& resize) { HWY_DYNAMIC_DISPATCH(resize_u8)(resize); }

std::size_t resize_scratch_bytes(Extent from, Extent to) {
  std::size_t most = 0;
  for (const std::size_t bytes : {kNarrow, kWide})
    most = std::max(
        most, scratch_for(windows_at_most(bytes, from.width, to.width, to.width), bytes, to.width));
  return most;
}

}  // namespace sluice::augment::simd
#endif
