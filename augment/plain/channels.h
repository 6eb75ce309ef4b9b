// Colour operations as the obvious loops.
#pragma once

#include <cstdint>

#include "augment/channels.h"

namespace sluice::augment::plain {

void combine(const ChannelLoop<std::uint8_t>& loop);
void combine(const ChannelLoop<float>& loop);

}  // namespace sluice::augment::plain
