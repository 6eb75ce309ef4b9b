#include "augment/plain/table.h"

namespace sluice::augment::plain {

void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ByteTable& table) {
  for (std::size_t i = 0; i < loop.pixels * 3; ++i) loop.to[i] = table[loop.from[i]];
}

void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop,
             const std::array<ByteTable, 3>& tables) {
  for (std::size_t i = 0; i < loop.pixels * 3; i += 3)
    for (std::size_t c = 0; c < 3; ++c) loop.to[i + c] = tables[c][loop.from[i + c]];
}

}  // namespace sluice::augment::plain
