// Colour operations; the bits of plain/channels.h.
#pragma once

#include <cstdint>

#include "augment/channels.h"

namespace sluice::augment::simd {

void combine(const ChannelLoop<std::uint8_t>& loop);
void combine(const ChannelLoop<float>& loop);

// The same for a whole image of either type; `to` is f32 and of the same extent.
void combine(ConstImageView from, ChannelOperation operation, const Rgb& constants, ImageView to);

}  // namespace sluice::augment::simd
