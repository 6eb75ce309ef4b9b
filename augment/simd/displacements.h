// The noise of an elastic field; the bits of plain/displacements.h.
#pragma once

#include <cstdint>
#include <span>

namespace sluice::augment::simd {

void displacements(std::uint64_t seed, int y, std::span<float> across, std::span<float> down);

}  // namespace sluice::augment::simd
