// Random words and Gaussian noise, with the bits of plain/noise.h.
#pragma once

#include <cstdint>
#include <span>

#include "augment/pixel_loop.h"

namespace sluice::augment::simd {

// Fills `words`, whole groups, from group `first` on (random_words.h).
void random_words(std::uint64_t seed, std::size_t first, std::span<std::uint32_t> words);

// Adds sigma x a normal number to every value; value i of the loop takes number i of the seed.
void add_noise(const PixelLoop<std::uint8_t, std::uint8_t>& loop, float sigma, std::uint64_t seed);
void add_noise(const PixelLoop<float, float>& loop, float sigma, std::uint64_t seed);

}  // namespace sluice::augment::simd
