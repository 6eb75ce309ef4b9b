// The two passes of the antialiased resize; the bits of plain/antialias.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "augment/passes.h"
#include "runtime/image.h"

namespace sluice::augment::simd {

void horizontal(const HorizontalPass<std::uint8_t>& pass);
void horizontal(const HorizontalPass<float>& pass);
void vertical(const VerticalPass<std::uint8_t>& pass);
void vertical(const VerticalPass<float>& pass);

// What a horizontal pass over rows of `width` pixels works in (aligned to 64 bytes): sixteen u8
// rows, turned on their side; f32 needs none.
std::size_t horizontal_scratch_bytes(int width, PixelType type);

}  // namespace sluice::augment::simd
