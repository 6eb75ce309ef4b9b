#include "augment/antialias.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <type_traits>

#include "augment/passes.h"
#include "augment/scratch.h"
#include "augment/simd/antialias.h"
#include "augment/taps.h"

namespace sluice::augment {
namespace {

// The weights for pixels of T.
template <class T>
auto make_taps(const TapAxis& axis, std::span<std::byte> scratch) {
  if constexpr (std::is_same_v<T, float>)
    return float_taps(axis, scratch);
  else
    return fixed_taps(axis, scratch);
}

TapAxis columns(Extent from, Extent to) { return whole_axis(from.width, to.width); }
TapAxis rows(Extent from, Extent to) { return whole_axis(from.height, to.height); }

// Between the passes lies a band of rows, not an image: it stays in the cache. So many rows come in
// at a time, beside those that the outputs before have left.
constexpr int kBandRows = 64;

// What lies in the scratch, in this order.
struct Plan {
  Plan(Extent from, Extent to, PixelType type) {
    const bool across = from.width != to.width;
    const bool down = from.height != to.height;
    if (across) pass_bytes = simd::horizontal_scratch_bytes(from.width, type);
    if (across) column_taps_bytes = taps_bytes(columns(from, to));
    if (down) row_taps_bytes = taps_bytes(rows(from, to));
    if (!across || !down) return;
    const int band = std::min(from.height, kBandRows + taps_stride(rows(from, to)));
    band_bytes = image_bytes({to.width, band}, type);
  }
  std::size_t scratch_bytes() const {
    return pass_bytes + column_taps_bytes + row_taps_bytes + band_bytes;
  }

  std::size_t pass_bytes = 0;
  std::size_t column_taps_bytes = 0;
  std::size_t row_taps_bytes = 0;
  std::size_t band_bytes = 0;
};

// Rows that have gone through the horizontal pass and that outputs still need.
template <class T>
struct Band {
  T* data = nullptr;
  std::size_t length = 0;  // values a row
  int first = 0;           // rows of the image: from `first` to before `end`
  int end = 0;

  T* row(int y) const { return data + static_cast<std::size_t>(y - first) * length; }
  void drop_before(int y) {
    std::memmove(data, row(y), static_cast<std::size_t>(end - y) * length * sizeof(T));
    first = y;
  }
};

// The outputs from `begin` on whose input rows come before `end_row`.
template <class Weight>
Taps<Weight> ready_taps(const Taps<Weight>& taps, std::size_t begin, int end_row) {
  std::size_t end = begin;
  while (end < taps.ranges.size() && taps.ranges[end].first + taps.ranges[end].count <= end_row)
    ++end;
  return {taps.stride, taps.ranges.subspan(begin, end - begin),
          taps.weights.subspan(begin * taps.stride, (end - begin) * taps.stride)};
}

// `across` is the horizontal pass over the whole image; rows come and go as `down` needs them.
template <class T>
void both_passes(const HorizontalPass<T>& across, const Taps<WeightOf<T>>& down, T* band_data,
                 T* to) {
  Band<T> band{.data = band_data, .length = across.taps.ranges.size() * kChannels};
  band.first = band.end = down.ranges.front().first;
  const std::size_t from_length = static_cast<std::size_t>(across.width) * kChannels;
  std::size_t done = 0;
  while (done < down.ranges.size()) {
    HorizontalPass<T> more = across;
    more.rows = std::min(kBandRows, across.rows - band.end);
    more.from += static_cast<std::size_t>(band.end) * from_length;
    more.to = band.row(band.end);
    simd::horizontal(more);
    band.end += more.rows;
    const auto ready = ready_taps(down, done, band.end);
    simd::vertical(VerticalPass<T>{.from = band.data,
                                   .first_row = band.first,
                                   .length = band.length,
                                   .taps = ready,
                                   .to = to + done * band.length});
    done += ready.ranges.size();
    if (done < down.ranges.size()) band.drop_before(std::min(down.ranges[done].first, band.end));
  }
}

template <class T>
void resize(const T* from, Extent before, std::span<std::byte> scratch, T* to, Extent after) {
  const Plan plan(before, after, std::is_same_v<T, float> ? PixelType::f32 : PixelType::u8);
  HorizontalPass<T> across{.from = from, .width = before.width, .rows = before.height, .to = to};
  across.scratch = take_scratch<std::byte>(scratch, plan.pass_bytes);
  const auto column_bytes = take_scratch<std::byte>(scratch, plan.column_taps_bytes);
  const auto row_bytes = take_scratch<std::byte>(scratch, plan.row_taps_bytes);
  const auto band = take_scratch<T>(scratch, plan.band_bytes / sizeof(T));
  if (before.width != after.width) across.taps = make_taps<T>(columns(before, after), column_bytes);
  if (before.height == after.height) return simd::horizontal(across);
  const auto down = make_taps<T>(rows(before, after), row_bytes);
  if (before.width != after.width) return both_passes(across, down, band.data(), to);
  simd::vertical(VerticalPass<T>{.from = from,
                                 .length = static_cast<std::size_t>(after.width) * kChannels,
                                 .taps = down,
                                 .to = to});
}

}  // namespace

void resize_antialias(ConstImageView from, ImageView to, std::span<std::byte> scratch) {
  assert(from.type == to.type && from.extent != to.extent);
  if (from.type == PixelType::u8)
    resize(from.u8(0), from.extent, scratch, to.u8(0), to.extent);
  else
    resize(from.f32(0), from.extent, scratch, to.f32(0), to.extent);
}

std::size_t antialias_scratch_bytes(Extent from, Extent to, PixelType type) {
  return Plan(from, to, type).scratch_bytes();
}

}  // namespace sluice::augment
