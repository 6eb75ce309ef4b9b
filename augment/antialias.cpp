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

// Each axis by itself; taps count from the first pixel of the part that is there.
TapAxis columns(const ConstImagePart& from, const ImagePart& to, Kernel kernel) {
  return {.in = from.whole.width,
          .out = to.whole.width,
          .first = to.box.left,
          .end = to.box.right(),
          .origin = from.box.left,
          .kernel = kernel};
}
TapAxis rows(const ConstImagePart& from, const ImagePart& to, Kernel kernel) {
  return {.in = from.whole.height,
          .out = to.whole.height,
          .first = to.box.top,
          .end = to.box.bottom(),
          .origin = from.box.top,
          .kernel = kernel};
}

// Between the passes lies a band of rows, not an image: it stays in the cache. So many rows come in
// at a time, beside those that the outputs before have left.
constexpr int kBandRows = 64;

bool same_columns(const Box& a, const Box& b) {
  return a.left == b.left && a.extent.width == b.extent.width;
}
bool same_rows(const Box& a, const Box& b) {
  return a.top == b.top && a.extent.height == b.extent.height;
}

// Which axes change, or are wanted in part only.
struct Passes {
  bool across, down;
};

// What lies in the scratch, in this order.
struct Plan {
  Plan(const ConstImagePart& from, const ImagePart& to, Kernel kernel)
      : Plan(from, to, kernel,
             {.across = from.whole.width != to.whole.width || !same_columns(from.box, to.box),
              .down = from.whole.height != to.whole.height || !same_rows(from.box, to.box)}) {}

  Plan(const ConstImagePart& from, const ImagePart& to, Kernel kernel, Passes passes)
      : across(passes.across), down(passes.down) {
    const PixelType type = from.view.type;
    if (across) pass_bytes = simd::horizontal_scratch_bytes(from.box.extent.width, type);
    if (across) column_taps_bytes = taps_bytes(columns(from, to, kernel));
    if (down) row_taps_bytes = taps_bytes(rows(from, to, kernel));
    if (!across || !down) return;
    const int band =
        std::min(from.box.extent.height, kBandRows + taps_stride(rows(from, to, kernel)));
    band_bytes = image_bytes({to.box.extent.width, band}, type);
  }
  std::size_t scratch_bytes() const {
    return pass_bytes + column_taps_bytes + row_taps_bytes + band_bytes;
  }

  bool across, down;
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

// `across` is the horizontal pass over all input rows; rows come and go as `down` needs them.
template <class T>
void both_passes(const HorizontalPass<T>& across, const Taps<WeightOf<T>>& down, T* band_data,
                 T* to) {
  Band<T> band{.data = band_data, .length = across.taps.ranges.size() * kChannels};
  band.first = band.end = down.ranges.front().first;
  const std::size_t from_length = static_cast<std::size_t>(across.width) * kChannels;
  const int end_row = down.ranges.back().first + down.ranges.back().count;
  std::size_t done = 0;
  while (done < down.ranges.size()) {
    HorizontalPass<T> more = across;
    more.rows = std::min(kBandRows, end_row - band.end);
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
void resize(const T* pixels, const ConstImagePart& from, std::span<std::byte> scratch, T* result,
            const ImagePart& to, Kernel kernel) {
  const Plan plan(from, to, kernel);
  HorizontalPass<T> across{
      .from = pixels, .width = from.box.extent.width, .rows = from.box.extent.height, .to = result};
  across.scratch = take_scratch<std::byte>(scratch, plan.pass_bytes);
  const auto column_bytes = take_scratch<std::byte>(scratch, plan.column_taps_bytes);
  const auto row_bytes = take_scratch<std::byte>(scratch, plan.row_taps_bytes);
  const auto band = take_scratch<T>(scratch, plan.band_bytes / sizeof(T));
  if (plan.across) across.taps = make_taps<T>(columns(from, to, kernel), column_bytes);
  if (!plan.down) return simd::horizontal(across);
  const auto down = make_taps<T>(rows(from, to, kernel), row_bytes);
  if (plan.across) return both_passes(across, down, band.data(), result);
  simd::vertical(
      VerticalPass<T>{.from = pixels,
                      .length = static_cast<std::size_t>(to.box.extent.width) * kChannels,
                      .taps = down,
                      .to = result});
}

}  // namespace

void resize_antialias(const ConstImagePart& from, const ImagePart& to, std::span<std::byte> scratch,
                      Kernel kernel) {
  assert(from.view.type == to.view.type && from.whole != to.whole);
  if (from.view.type == PixelType::u8)
    resize(from.view.u8(0), from, scratch, to.view.u8(0), to, kernel);
  else
    resize(from.view.f32(0), from, scratch, to.view.f32(0), to, kernel);
}

std::size_t antialias_scratch_bytes(Extent from, Extent to, PixelType type, Kernel kernel) {
  return antialias_scratch_bytes_in(from, from, to, type, kernel);
}

std::size_t antialias_scratch_bytes_in(Extent held, Extent from, Extent to, PixelType type,
                                       Kernel kernel) {
  return Plan({{nullptr, held, type}, whole(held), from}, {{nullptr, to, type}, whole(to), to},
              kernel, {.across = true, .down = true})
      .scratch_bytes();
}

Box antialias_box_before(Extent from, Extent to, const Box& after, Kernel kernel) {
  Box before = after;
  if (from.width != to.width) {
    const TapRange range = taps_range({.in = from.width,
                                       .out = to.width,
                                       .first = after.left,
                                       .end = after.right(),
                                       .kernel = kernel});
    before.left = range.first;
    before.extent.width = range.count;
  }
  if (from.height != to.height) {
    const TapRange range = taps_range({.in = from.height,
                                       .out = to.height,
                                       .first = after.top,
                                       .end = after.bottom(),
                                       .kernel = kernel});
    before.top = range.first;
    before.extent.height = range.count;
  }
  return before;
}

}  // namespace sluice::augment
