// How often each level occurs, by channel; for this folder's operations.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/image.h"

namespace sluice::augment {

using Histogram = std::array<std::uint32_t, 256>;
using Histograms = std::array<Histogram, 3>;  // red, green, blue

// f32 values are rounded and clamped to a level. Fewer than 2^32 pixels.
Histograms histograms(ConstImageView image);

}  // namespace sluice::augment
