// Bytes through tables. There is no fast twin: vectors of few CPUs can look up 256 entries.
#pragma once

#include <array>
#include <cstdint>

#include "augment/pixel_loop.h"

namespace sluice::augment::plain {

using ByteTable = std::array<std::uint8_t, 256>;

// One table for all channels, or one for each.
void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ByteTable& table);
void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop,
             const std::array<ByteTable, 3>& tables);

}  // namespace sluice::augment::plain
