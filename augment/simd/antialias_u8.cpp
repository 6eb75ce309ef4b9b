// The u8 passes. Lanes of the vertical pass are neighbouring values of a row. The horizontal pass
// turns sixteen rows on their side, so that its lanes are rows and each weight serves all of them.
#include <algorithm>
#include <array>
#include <cstring>

#include "augment/plain/antialias.h"
#include "augment/scratch.h"
#include "augment/simd/antialias.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/simd/antialias_u8.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::augment::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // no vectors, no shuffles

void horizontal_u8(const HorizontalPass<std::uint8_t>& pass) { plain::horizontal(pass); }
void vertical_u8(const VerticalPass<std::uint8_t>& pass) { plain::vertical(pass); }

#else

constexpr std::size_t kRows = 16;     // that go through the horizontal pass together
constexpr std::size_t kOutputs = 16;  // pixels that are turned back together
using Rows = std::array<const std::uint8_t*, kRows>;
using Block = hn::FixedTag<std::uint8_t, kRows>;
using Bytes = hn::CappedTag<std::uint8_t, 2 * kRows>;
using Sums = hn::CappedTag<std::int32_t, 16>;
using SumBytes = hn::Rebind<std::uint8_t, Sums>;
using Sum = hn::Vec<Sums>;

// Row r, byte k of every 16-byte block becomes row k, byte r: four perfect shuffles.
template <class D, class V = hn::Vec<D> >
HWY_INLINE void transpose(D d, V (&rows)[kRows]) {
  for (int round = 0; round < 4; ++round) {
    V next[kRows];
    for (std::size_t i = 0; i < kRows / 2; ++i) {
      next[2 * i] = hn::InterleaveLower(d, rows[i], rows[i + kRows / 2]);
      next[2 * i + 1] = hn::InterleaveUpper(d, rows[i], rows[i + kRows / 2]);
    }
    for (std::size_t i = 0; i < kRows; ++i) rows[i] = next[i];
  }
}

// Lanes(d) bytes of each row from `at` on become columns.
template <class D>
HWY_INLINE void turn_part(D d, const Rows& rows, std::size_t at, std::uint8_t* columns) {
  hn::Vec<D> values[kRows];
  for (std::size_t r = 0; r < kRows; ++r) values[r] = hn::LoadU(d, rows[r] + at);
  transpose(d, values);
  columns += at * kRows;
  for (std::size_t k = 0; k < kRows; ++k) {
    if constexpr (hn::MaxLanes(D()) == kRows) {
      hn::Store(values[k], d, columns + k * kRows);
    } else {
      hn::Store(hn::LowerHalf(values[k]), Block(), columns + k * kRows);
      hn::Store(hn::UpperHalf(Block(), values[k]), Block(), columns + (kRows + k) * kRows);
    }
  }
}

// columns[i * 16 + r] = rows[r][i] for i < length; the last part overlaps the one before it.
template <class D>
HWY_INLINE void turn(D d, const Rows& rows, std::size_t length, std::uint8_t* columns) {
  constexpr std::size_t kStep = hn::MaxLanes(D());
  for (std::size_t at = 0; at < length; at += kStep)
    turn_part(d, rows, std::min(at, length - kStep), columns);
}

HWY_INLINE void turn_rows(const Rows& rows, std::size_t length, std::uint8_t* columns) {
  if (length >= hn::MaxLanes(Bytes())) return turn(Bytes(), rows, length, columns);
  if (length >= kRows) return turn(Block(), rows, length, columns);
  for (std::size_t i = 0; i < length; ++i)
    for (std::size_t r = 0; r < kRows; ++r) columns[i * kRows + r] = rows[r][i];
}

HWY_INLINE hn::Vec<SumBytes> rounded(Sum sum) {
  return hn::DemoteTo(SumBytes(), hn::ShiftRight<kWeightBits>(sum));
}

// Three columns (R, G, B) of one output pixel.
HWY_INLINE void sum_pixel(const std::uint8_t* columns, const std::int32_t* weights, int count,
                          std::uint8_t* to) {
  constexpr std::size_t kLanes = hn::MaxLanes(Sums());
  constexpr std::size_t kParts = 3 * kRows / kLanes;
  Sum sums[kParts];
  for (Sum& sum : sums) sum = hn::Set(Sums(), kWeightHalf);
  for (int i = 0; i < count; ++i, columns += 3 * kRows) {
    const Sum weight = hn::Set(Sums(), weights[i]);
    for (std::size_t p = 0; p < kParts; ++p) {
      const auto bytes = hn::Load(SumBytes(), columns + p * kLanes);
      sums[p] = hn::Add(sums[p], hn::Mul(hn::PromoteTo(Sums(), bytes), weight));
    }
  }
  for (std::size_t p = 0; p < kParts; ++p) hn::Store(rounded(sums[p]), SumBytes(), to + p * kLanes);
}

// Finished columns back to 48 bytes of each row.
HWY_INLINE void turn_back(const std::uint8_t* columns, std::uint8_t* to, std::size_t stride,
                          std::size_t rows) {
  for (std::size_t part = 0; part < 3; ++part) {
    hn::Vec<Block> values[kRows];
    for (std::size_t k = 0; k < kRows; ++k)
      values[k] = hn::Load(Block(), columns + (part * kRows + k) * kRows);
    transpose(Block(), values);
    if (rows == kRows)
      for (std::size_t r = 0; r < kRows; ++r)
        hn::StoreU(values[r], Block(), to + r * stride + part * kRows);
    else
      for (std::size_t r = 0; r < rows; ++r)
        hn::StoreU(values[r], Block(), to + r * stride + part * kRows);
  }
}

HWY_INLINE void copy_back(const std::uint8_t* columns, std::size_t length, std::uint8_t* to,
                          std::size_t stride, std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < length; ++i) to[r * stride + i] = columns[i * kRows + r];
}

// Up to sixteen rows, turned from the pixel on where the first tap range begins; `to` is the first
// row's output.
HWY_INLINE void sum_rows(const std::uint8_t* columns, const Taps<std::int32_t>& taps,
                         std::uint8_t* to, std::size_t rows) {
  const std::size_t outputs = taps.ranges.size();
  const int left = taps.ranges.front().first;
  HWY_ALIGN std::uint8_t finished[3 * kOutputs * kRows];
  for (std::size_t at = 0; at < outputs; at += kOutputs) {
    const std::size_t count = std::min(kOutputs, outputs);
    const std::size_t begin = std::min(at, outputs - count);
    for (std::size_t x = 0; x < count; ++x) {
      const TapRange range = taps.ranges[begin + x];
      sum_pixel(columns + static_cast<std::size_t>(range.first - left) * 3 * kRows,
                taps.of(begin + x), range.count, finished + x * 3 * kRows);
    }
    if (count == kOutputs)
      turn_back(finished, to + begin * 3, outputs * 3, rows);
    else
      copy_back(finished, count * 3, to, outputs * 3, rows);
  }
}

void horizontal_u8(const HorizontalPass<std::uint8_t>& pass) {
  const std::size_t length = static_cast<std::size_t>(pass.width) * 3;
  const TapRange last = pass.taps.ranges.back();
  const auto begin = static_cast<std::size_t>(pass.taps.ranges.front().first) * 3;
  const auto end = static_cast<std::size_t>(last.first + last.count) * 3;
  const std::size_t to_length = pass.taps.ranges.size() * 3;
  const auto height = static_cast<std::size_t>(pass.rows);
  auto* columns = reinterpret_cast<std::uint8_t*>(pass.scratch.data());
  for (std::size_t y = 0; y < height; y += kRows) {
    Rows rows;  // beyond the last one: the last one again
    for (std::size_t r = 0; r < kRows; ++r)
      rows[r] = pass.from + std::min(y + r, height - 1) * length + begin;
    turn_rows(rows, end - begin, columns);
    sum_rows(columns, pass.taps, pass.to + y * to_length, std::min(kRows, height - y));
  }
}

// kParts vectors of one output row.
template <std::size_t kParts>
HWY_INLINE void sum_column(const std::uint8_t* from, std::size_t length, TapRange range,
                           const std::int32_t* weights, std::uint8_t* to) {
  constexpr std::size_t kLanes = hn::MaxLanes(Sums());
  Sum sums[kParts];
  for (Sum& sum : sums) sum = hn::Set(Sums(), kWeightHalf);
  for (int i = 0; i < range.count; ++i, from += length) {
    const Sum weight = hn::Set(Sums(), weights[i]);
    for (std::size_t p = 0; p < kParts; ++p) {
      const auto bytes = hn::LoadU(SumBytes(), from + p * kLanes);
      sums[p] = hn::Add(sums[p], hn::Mul(hn::PromoteTo(Sums(), bytes), weight));
    }
  }
  for (std::size_t p = 0; p < kParts; ++p)
    hn::StoreU(rounded(sums[p]), SumBytes(), to + p * kLanes);
}

// A row in steps of kParts vectors; the last step overlaps the one before it.
template <std::size_t kParts>
HWY_INLINE void vertical_rows(const VerticalPass<std::uint8_t>& pass) {
  constexpr std::size_t kStep = kParts * hn::MaxLanes(Sums());
  std::uint8_t* to = pass.to;
  for (std::size_t y = 0; y < pass.taps.ranges.size(); ++y, to += pass.length) {
    const TapRange range = pass.taps.ranges[y];
    const auto first = static_cast<std::size_t>(range.first - pass.first_row);
    for (std::size_t at = 0; at < pass.length; at += kStep) {
      const std::size_t begin = std::min(at, pass.length - kStep);
      sum_column<kParts>(pass.from + first * pass.length + begin, pass.length, range,
                         pass.taps.of(y), to + begin);
    }
  }
}

void vertical_u8(const VerticalPass<std::uint8_t>& pass) {
  constexpr std::size_t kLanes = hn::MaxLanes(Sums());
  if (pass.length >= 4 * kLanes)
    vertical_rows<4>(pass);
  else if (pass.length >= kLanes)
    vertical_rows<1>(pass);
  else
    plain::vertical(pass);
}

#endif

}  // namespace sluice::augment::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::augment::simd {

HWY_EXPORT(horizontal_u8);
HWY_EXPORT(vertical_u8);

void horizontal(const HorizontalPass<std::uint8_t>& pass) {
  HWY_DYNAMIC_DISPATCH(horizontal_u8)(pass);
}
void vertical(const VerticalPass<std::uint8_t>& pass) { HWY_DYNAMIC_DISPATCH(vertical_u8)(pass); }

std::size_t horizontal_scratch_bytes(int width, PixelType type) {
  constexpr std::size_t kRows = 16;
  return type == PixelType::u8 ? static_cast<std::size_t>(width) * kChannels * kRows : 0;
}

}  // namespace sluice::augment::simd
#endif
