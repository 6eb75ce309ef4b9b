#include "augment/equalize.h"

#include <algorithm>

#include "augment/histogram.h"
#include "augment/simd/table.h"

namespace sluice::augment {
namespace {

// ImageOps.equalize: as many pixels as the last filled level has are left out of the step.
ByteTable table_of(const Histogram& histogram) {
  const auto filled = [](std::uint32_t count) { return count > 0; };
  std::uint64_t pixels = 0;
  for (const std::uint32_t count : histogram) pixels += count;
  const auto last = std::find_if(histogram.rbegin(), histogram.rend(), filled);
  const std::uint64_t step = last == histogram.rend() ? 0 : (pixels - *last) / 255;
  ByteTable table;
  std::uint64_t sum = step / 2;
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::uint8_t>(step == 0 ? i : std::min<std::uint64_t>(sum / step, 255));
    sum += histogram[i];
  }
  return table;
}

}  // namespace

void Equalize::apply(ConstImageView in, const Decision&, ImageView out) const {
  if (in.extent.pixels() == 0) return;
  const Histograms counted = histograms(in);
  const std::array<ByteTable, 3> tables = {table_of(counted[0]), table_of(counted[1]),
                                           table_of(counted[2])};
  if (in.type == PixelType::u8)
    return with_bytes(in, out, [&](const auto& loop) { simd::look_up(loop, tables); });
  with_floats(in, out, [&](const auto& loop) {
    for (std::size_t i = 0; i < loop.pixels * 3; ++i)
      loop.to[i] = static_cast<float>(tables[i % 3][to_byte(loop.from[i])]);
  });
}

}  // namespace sluice::augment
