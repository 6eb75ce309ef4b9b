#include "augment/autocontrast.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "augment/pixel_loop.h"
#include "augment/simd/sums.h"
#include "augment/simd/table.h"

namespace sluice::augment {
namespace {

// Maps [lowest, highest] to [0, 255]; the identity where there is nothing between.
struct Stretch {
  float lowest = 0;
  float factor = 1;

  float operator()(float value) const { return (value - lowest) * factor; }
};

Stretch stretch(float lowest, float highest) {
  if (!(highest > lowest)) return {};
  return {lowest, 255 / (highest - lowest)};
}

ByteTable table_of(const ByteExtremes& found, std::size_t channel) {
  const Stretch map = stretch(static_cast<float>(found.lowest[channel]),
                              static_cast<float>(found.highest[channel]));
  ByteTable table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = to_byte(map(static_cast<float>(i)));
  return table;
}

void stretch_floats(const PixelLoop<float, float>& loop) {
  for (std::size_t c = 0; c < 3; ++c) {
    float lowest = loop.from[c];
    float highest = lowest;
    for (std::size_t i = c; i < loop.pixels * 3; i += 3) {
      lowest = std::min(lowest, loop.from[i]);
      highest = std::max(highest, loop.from[i]);
    }
    const Stretch map = stretch(lowest, highest);
    for (std::size_t i = c; i < loop.pixels * 3; i += 3) loop.to[i] = map(loop.from[i]);
  }
}

}  // namespace

void Autocontrast::apply(ConstImageView in, const Decision&, ImageView out) const {
  if (in.extent.pixels() == 0) return;
  if (in.type == PixelType::f32) return with_floats(in, out, stretch_floats);
  const ByteExtremes found = simd::extremes(in.u8(0), static_cast<std::size_t>(in.extent.pixels()));
  const std::array<ByteTable, 3> tables = {table_of(found, 0), table_of(found, 1),
                                           table_of(found, 2)};
  with_bytes(in, out, [&](const auto& loop) { simd::look_up(loop, tables); });
}

}  // namespace sluice::augment
