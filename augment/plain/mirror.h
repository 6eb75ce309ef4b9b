// The mirrored row as the obvious loop.
#pragma once

#include <cstdint>

namespace sluice::augment::plain {

// `width` pixels in reverse order. No overlap.
void mirror_row(const std::uint8_t* from, int width, std::uint8_t* to);
void mirror_row(const float* from, int width, float* to);

}  // namespace sluice::augment::plain
