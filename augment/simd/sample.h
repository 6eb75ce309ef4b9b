// Pixels between pixels; the bits of plain/sample.h.
#pragma once

#include <cstdint>

#include "augment/sampling.h"

namespace sluice::augment::simd {

void sample_bilinear(const SampleRow<std::uint8_t>& row);
void sample_bilinear(const SampleRow<float>& row);
void sample_nearest(const SampleRow<std::uint8_t>& row);
void sample_nearest(const SampleRow<float>& row);

}  // namespace sluice::augment::simd
