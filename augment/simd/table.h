// Bytes through tables, the same bytes as plain/table.h.
#pragma once

#include <array>
#include <cstdint>

#include "augment/byte_table.h"
#include "augment/pixel_loop.h"

namespace sluice::augment::simd {

// One table for all channels, or one for each.
void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop, const ByteTable& table);
void look_up(const PixelLoop<std::uint8_t, std::uint8_t>& loop,
             const std::array<ByteTable, 3>& tables);

}  // namespace sluice::augment::simd
