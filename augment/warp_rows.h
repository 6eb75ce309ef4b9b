// The loop over output rows that all warps share; for the .cpp files of this folder.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>

#include "augment/places.h"
#include "augment/simd/sample.h"
#include "augment/warp.h"

namespace sluice::augment {

// So many positions are made, then sampled: they stay in the first-level cache.
inline constexpr int kWarpTile = 512;
static_assert(kWarpTile % kPlaceStep == 0);

struct TilePositions {
  std::int32_t x[kWarpTile];
  std::int32_t y[kWarpTile];
};

inline std::uint8_t fill_value(float level, std::uint8_t) {
  return static_cast<std::uint8_t>(std::lround(level));
}
inline float fill_value(float level, float) { return level; }

template <class T>
void sample(const SampleRow<T>& row, Sampling sampling) {
  if (sampling == Sampling::nearest)
    simd::sample_nearest(row);
  else
    simd::sample_bilinear(row);
}

// `place(x, y, count, positions)` gives the positions of output pixels x ... x + count - 1 of row
// `y`, both counted in the whole output; it must not depend on where a row is cut.
template <class T, class Place>
void warp_typed(const ConstImagePart& from, const ImagePart& to, const Canvas& canvas,
                const Place& place) {
  SampleRow<T> row{.from = reinterpret_cast<const T*>(from.view.data),
                   .box = from.box,
                   .whole = from.whole,
                   .to = reinterpret_cast<T*>(to.view.data)};
  for (std::size_t c = 0; c < row.fill.size(); ++c) row.fill[c] = fill_value(canvas.fill[c], T{});
  TilePositions positions;
  row.x = positions.x;
  row.y = positions.y;
  for (int y = to.box.top; y < to.box.bottom(); ++y)
    for (int x = to.box.left; x < to.box.right(); x += kWarpTile) {
      row.count = std::min(kWarpTile, to.box.right() - x);
      place(x, y, row.count, positions);
      sample(row, canvas.sampling);
      row.to += static_cast<std::ptrdiff_t>(row.count) * kChannels;
    }
}

template <class Place>
void warp_rows(const ConstImagePart& from, const ImagePart& to, const Canvas& canvas,
               const Place& place) {
  assert(from.view.type == to.view.type);
  if (from.view.type == PixelType::u8)
    warp_typed<std::uint8_t>(from, to, canvas, place);
  else
    warp_typed<float>(from, to, canvas, place);
}

}  // namespace sluice::augment
