// The noise of an elastic field (augment/elastic.h says from which bits), pixel by pixel.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/random.h"

namespace sluice::augment::plain {

// One row of displacements along x and along y, uniform in (-1, 1). Spans of one length.
void displacements(std::uint64_t seed, int y, std::span<float> across, std::span<float> down);

// One of the two that a random word holds.
inline float displacement(std::uint32_t half) {
  return (static_cast<float>(half) + 0.5F) * (1.0F / 32768) - 1.0F;
}

inline PhiloxKey displacement_key(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

}  // namespace sluice::augment::plain
